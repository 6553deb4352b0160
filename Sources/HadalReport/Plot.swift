import Foundation

/// A plot of lines as SVG, which takes its colours from the page.
package struct Plot {
    package struct Line {
        var name: String
        /// x ascending.
        var points: [(x: Double, y: Double)]
        /// As the second of two runs that are compared.
        var isDashed: Bool

        package init(name: String, points: [(x: Double, y: Double)], isDashed: Bool = false) {
            (self.name, self.points, self.isDashed) = (name, points, isDashed)
        }
    }

    package enum Axis {
        /// From 0.
        case linear
        /// Of percentiles: as far from 99 to 99.9 as from 90 to 99.
        case percentile
    }

    private let title: String
    private let lines: [Line]
    private let xAxis: Axis
    private let x: (Double) -> String
    private let y: (Double) -> String
    private let limit: Double?

    /// - Parameters:
    ///   - x: how a number is written at the axis; `y` too.
    ///   - limit: where a line is to be drawn across: an objective's limit.
    package init(
        title: String, lines: [Line], xAxis: Axis = .linear, x: @escaping (Double) -> String,
        y: @escaping (Double) -> String, limit: Double? = nil
    ) {
        (self.title, self.lines, self.xAxis, self.x, self.y, self.limit) = (title, lines, xAxis, x, y, limit)
    }

    private static let (width, height) = (640.0, 260.0)
    private static let (left, right, top, bottom) = (64.0, 12.0, 30.0, 34.0)
    private static let colours = 6

    package var svg: String {
        let points = lines.flatMap(\.points)
        guard !points.isEmpty else { return "" }
        let most = max(points.map(\.y).max() ?? 0, limit ?? 0)
        let yStep = Self.step(most > 0 ? most : 1)
        let yTop = max(yStep, (most / yStep).rounded(.up) * yStep)
        let xs = points.map { position($0.x) }
        let (xLow, xHigh) = (xAxis == .linear ? min(0, xs.min()!) : xs.min()!, max(xs.max()!, xs.min()! + 1e-9))
        func place(_ point: (x: Double, y: Double)) -> String {
            let across = (position(point.x) - xLow) / (xHigh - xLow)
            let px = Self.left + across * (Self.width - Self.left - Self.right)
            return Self.short(px) + "," + Self.short(Self.down(point.y / yTop))
        }
        var svg =
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" aria-label=\"\(HTML.escaped(title))\">"
        svg += "<text class=\"title\" x=\"\(Self.short(Self.left))\" y=\"16\">\(HTML.escaped(title))</text>"
        for tick in stride(from: 0, through: yTop * 1.0001, by: yStep) {
            let py = Self.short(Self.down(tick / yTop))
            svg +=
                "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(py)\" y2=\"\(py)\"/>"
            svg += "<text class=\"y\" x=\"\(Self.left - 6)\" y=\"\(py)\" dy=\"4\">\(HTML.escaped(y(tick)))</text>"
        }
        for tick in ticks(xHigh) {
            let px = Self.short(
                Self.left + (position(tick) - xLow) / (xHigh - xLow) * (Self.width - Self.left - Self.right))
            svg += "<text class=\"x\" x=\"\(px)\" y=\"\(Self.height - 12)\">\(HTML.escaped(x(tick)))</text>"
        }
        if let limit {
            let py = Self.short(Self.down(limit / yTop))
            svg +=
                "<line class=\"limit\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(py)\" y2=\"\(py)\"/>"
        }
        for (index, line) in lines.enumerated() {
            let style = "c\(index % Self.colours)" + (line.isDashed ? " dashed" : "")
            svg += "<polyline class=\"\(style)\" points=\"\(line.points.map(place).joined(separator: " "))\"/>"
        }
        return svg + "</svg>" + legend
    }

    private var legend: String {
        guard lines.count > 1 else { return "" }
        let names = lines.enumerated().map { index, line in
            "<span class=\"c\(index % Self.colours)\(line.isDashed ? " dashed" : "")\">\(HTML.escaped(line.name))</span>"
        }
        return "<p class=\"legend\">\(names.joined(separator: " "))</p>"
    }

    /// Along the axis.
    private func position(_ x: Double) -> Double {
        switch xAxis {
        case .linear: x
        case .percentile: -log10(max(1 - x / 100, 1e-6))
        }
    }

    private func ticks(_ high: Double) -> [Double] {
        switch xAxis {
        case .linear:
            let step = Self.step(high)
            return Array(stride(from: 0, through: high * 1.0001, by: step))
        case .percentile: return [0, 50, 90, 99, 99.9, 99.99, 99.999].filter { position($0) <= high * 1.0001 }
        }
    }

    private static func down(_ share: Double) -> Double { height - bottom - share * (height - top - bottom) }

    /// 1, 2 or 5 times a power of ten, so that there are 3 to 6 of them.
    private static func step(_ most: Double) -> Double {
        let raw = most / 4
        let power = pow(10, log10(raw).rounded(.down))
        return [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= raw * 0.9999 } ?? 10 * power
    }

    private static func short(_ value: Double) -> String { String(format: "%.1f", value) }
}
