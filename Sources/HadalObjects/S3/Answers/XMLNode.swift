import Foundation
import FoundationXML

/// An element of a server's XML: its children, or its text.
struct XMLNode: Sendable {
    let name: String
    fileprivate(set) var text = ""
    fileprivate(set) var children: [XMLNode] = []

    subscript(_ name: String) -> XMLNode? { children.first { $0.name == name } }

    fileprivate init(name: String) { self.name = name }

    /// - Parameter bytes: bounded by the caller.
    /// - Returns: nil where it is no whole document, has a document type, which could make it grow, or is nested deeply.
    init?(parsing bytes: Data) {
        // A server that needs long begins with white space (CompleteMultipartUpload), which XML does not allow.
        let document = bytes.drop { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
        guard !document.isEmpty, document.range(of: Data("<!DOCTYPE".utf8)) == nil else { return nil }
        let parser = XMLParser(data: Data(document))
        parser.shouldResolveExternalEntities = false
        let reader = XMLReader()
        parser.delegate = reader
        guard parser.parse(), let root = reader.root else { return nil }
        self = root
    }
}

private final class XMLReader: NSObject, XMLParserDelegate {
    private static let depthMax = 16

    private(set) var root: XMLNode?
    /// From the root to where we are.
    private var open: [XMLNode] = []

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        guard open.count < Self.depthMax else { return parser.abortParsing() }
        open.append(XMLNode(name: name))
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
        if !open.isEmpty { open[open.count - 1].text += text }
    }

    func parser(_ parser: XMLParser, foundCDATA block: Data) {
        if !open.isEmpty { open[open.count - 1].text += String(decoding: block, as: UTF8.self) }
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        guard let node = open.popLast() else { return }
        if open.isEmpty { root = node } else { open[open.count - 1].children.append(node) }
    }
}
