import HadalJSON
import HadalStore

/// Reads members of an index, and says in which field a bad one stands.
struct IndexReader {
    let file: String

    func failure(_ field: String, _ problem: String) -> BundleError {
        .badIndex(file: file, field: field, offset: nil, problem: problem)
    }

    func text(
        _ json: JSON, _ key: String, _ field: String, isFit: (String) -> Bool
    ) throws(BundleError) -> String {
        guard let text = json[key]?.string, text.utf8.count <= 4096, isFit(text) else {
            throw failure(field, "missing, or not what it has to be")
        }
        return text
    }

    func number(
        _ json: JSON, _ key: String, _ field: String, _ range: ClosedRange<Int64>
    ) throws(BundleError) -> Int64 {
        guard let number = json[key]?.int.map(Int64.init), range.contains(number) else {
            throw failure(field + "." + key, "missing, or no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func digest(_ json: JSON, _ field: String) throws(BundleError) -> BlobDigest {
        guard let digest = json["sha256"]?.string.flatMap(BlobDigest.init(hex:)) else {
            throw failure(field + ".sha256", "missing, or no SHA-256")
        }
        return digest
    }

    func list<Value>(
        _ json: JSON, _ key: String, _ field: String, _ counts: ClosedRange<Int>,
        _ value: (JSON, _ field: String) throws(BundleError) -> Value
    ) throws(BundleError) -> [Value] {
        guard let members = json[key]?.array, counts.contains(members.count) else {
            throw failure(field, "missing, or no list of \(counts.lowerBound) to \(counts.upperBound)")
        }
        var values: [Value] = []
        values.reserveCapacity(members.count)
        for (index, member) in members.enumerated() { values.append(try value(member, "\(field)[\(index)]")) }
        return values
    }
}
