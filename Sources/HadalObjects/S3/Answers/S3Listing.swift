import Foundation

/// One page of the names in a bucket (ListObjectsV2).
struct S3Listing {
    static let namesMax = 1000

    private(set) var objects: [StoredObject] = []
    /// Of the next page; nil: this is the last.
    let continuation: String?

    /// Why a document is no page.
    struct Problem: Error { let text: String }

    /// - Parameter prefix: of the place; other names, and those that no object of ours can have, are left out.
    init(_ document: XMLNode, prefix: String) throws(Problem) {
        let isEscaped = document["EncodingType"]?.text == "url"
        let entries = document.children.filter { $0.name == "Contents" }
        guard entries.count <= Self.namesMax else { throw Problem(text: "a page has more than \(Self.namesMax) names") }
        for entry in entries {
            let told = entry["Key"]?.text
            guard let key = isEscaped ? told?.removingPercentEncoding : told else {
                throw Problem(text: "an entry has no readable Key")
            }
            guard key.hasPrefix(prefix), let name = try? ObjectName(String(key.dropFirst(prefix.count))) else {
                continue
            }
            guard let size = entry["Size"].flatMap({ Int64($0.text) }), size >= 0 else {
                throw Problem(text: "\(name) has no readable Size")
            }
            guard let modified = entry["LastModified"].flatMap({ HTTPTime.iso8601($0.text) }) else {
                throw Problem(text: "\(name) has no readable LastModified")
            }
            objects.append(StoredObject(name: name, size: size, modified: modified))
        }
        let token = document["NextContinuationToken"]?.text
        switch document["IsTruncated"]?.text {
        case "false": continuation = nil
        case "true":
            guard let token, !token.isEmpty else { throw Problem(text: "a page is cut, without NextContinuationToken") }
            continuation = token
        default: throw Problem(text: "IsTruncated is neither true nor false")
        }
    }
}
