import Foundation

/// Where something went, as an SVG image that needs nothing but itself: each frame lies below the one that it is a part of, as
/// wide as its amount. What a frame is stands in its title, which viewers show under the pointer.
package struct FlameGraph {
    package struct Frame {
        package var name: String
        /// The parts' amounts sum to at most the whole's.
        package var amount: Double
        /// What its title says after its name.
        package var detail: String
        package var parts: [Frame]

        package init(_ name: String, _ amount: Double, detail: String, parts: [Frame] = []) {
            (self.name, self.amount, self.detail, self.parts) = (name, amount, detail, parts)
        }

        var depth: Int { 1 + (parts.map(\.depth).max() ?? 0) }
    }

    private let title: String
    private let root: Frame

    package init(title: String, root: Frame) { (self.title, self.root) = (title, root) }

    private static let (width, row, top, margin) = (1200.0, 24.0, 40.0, 10.0)
    /// Of a letter at the size of the text.
    private static let letter = 7.0
    /// Narrower ones cannot be seen.
    private static let narrowest = 0.3

    package var svg: String {
        let height = Int(Self.top + Double(root.depth) * Self.row + Self.margin)
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(height)" width="\(Int(Self.width))" \
            height="\(height)" role="img">
            <title>\(Self.text(title))</title>
            <style>
            svg{background:#fff}text{font:12px system-ui,sans-serif;fill:#1c2430}text.title{font-size:15px;font-weight:600}
            rect{stroke:#fff;stroke-width:.7}g:hover>rect{stroke:#1c2430;stroke-width:1.4}
            </style>
            <rect width="100%" height="100%" fill="#fff"/>
            <text class="title" x="\(Self.short(Self.margin))" y="24">\(Self.text(title))</text>

            """
        let scale = (Self.width - 2 * Self.margin) / max(root.amount, .leastNonzeroMagnitude)
        draw(root, at: Self.margin, depth: 0, path: "", hue: 0, scale, into: &svg)
        return svg + "</svg>\n"
    }

    private func draw(
        _ frame: Frame, at x: Double, depth: Int, path: String, hue: Int, _ scale: Double, into svg: inout String
    ) {
        let width = frame.amount * scale
        guard width >= Self.narrowest else { return }
        let path = path.isEmpty || depth == 1 ? frame.name : "\(path) › \(frame.name)"
        let y = Self.top + Double(depth) * Self.row
        // Paler with each level, so that neighbours of one hue can be told apart.
        let fill = depth == 0 ? "#d7dce3" : "hsl(\(hue),65%,\(62 + 6 * depth)%)"
        svg += "<g><title>\(Self.text("\(path): \(frame.detail)"))</title>"
        svg += "<rect x=\"\(Self.short(x))\" y=\"\(Self.short(y))\" width=\"\(Self.short(width))\""
        svg += " height=\"\(Self.short(Self.row - 1))\" rx=\"2\" fill=\"\(fill)\"/>"
        if let label = Self.fitted(frame.name, in: width) {
            svg += "<text x=\"\(Self.short(x + 4))\" y=\"\(Self.short(y + 16))\">\(Self.text(label))</text>"
        }
        svg += "</g>\n"
        var place = x
        for (index, part) in frame.parts.enumerated() {
            // The golden angle: neighbours differ, and so do any few of them.
            let hue = depth < 2 ? (hue + 30 + index * 137) % 360 : hue + 8 * (index % 3)
            draw(part, at: place, depth: depth + 1, path: path, hue: hue, scale, into: &svg)
            place += part.amount * scale
        }
    }

    /// As much of a name as has room; nil for too little to tell anything.
    private static func fitted(_ name: String, in width: Double) -> String? {
        let letters = Int((width - 8) / letter)
        if name.count <= letters { return name }
        return letters < 4 ? nil : name.prefix(letters - 1) + "…"
    }

    /// For XML, in which control characters cannot be written at all.
    private static func text(_ text: String) -> String {
        let allowed = text.unicodeScalars.filter {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0.value & 0xFFFE != 0xFFFE
        }
        return HTML.escaped(String(String.UnicodeScalarView(allowed)))
    }

    private static func short(_ value: Double) -> String { String(format: "%.1f", value) }
}
