import HadalFirewallModel

/// The weights that `Firewall/train.py` has learned: logistic regression over hashed n-grams.
public struct LinearModel: Sendable {
    /// Scalars of a window, and from one to the next.
    let window: Int
    let stride: Int
    /// What an integer weight is multiplied by.
    private let scale: Double
    private let bias: Double
    /// Added in proportion to the ideographs: harmless Chinese scores lower than harmless English.
    private let ideographBias: Double
    /// Constant data of the binary.
    private nonisolated(unsafe) let weights: UnsafeBufferPointer<Int8>

    /// The model in this binary.
    public static let builtIn: LinearModel = {
        let bytes = UnsafeRawBufferPointer(start: hadal_firewall_model(), count: hadal_firewall_model_size())
        guard let model = LinearModel(bytes) else {
            preconditionFailure("firewall.model in HadalFirewallModel is damaged: make it again with Firewall/train.py")
        }
        return model
    }()

    /// What the file begins with, little-endian: `HFW1`; UInt32 each: hash bits, window, stride; Float64 each: scale,
    /// bias, bias of ideographs. A signed byte for each bucket follows.
    private static let headerSize = 40

    /// `nil` where the bytes are not such a file. They must stay where they are.
    private init?(_ bytes: UnsafeRawBufferPointer) {
        func integer(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func number(_ offset: Int) -> Double {
            Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        guard bytes.count == Self.headerSize + 1 << Int(FeatureHash.bits), bytes.starts(with: "HFW1".utf8),
            integer(4) == FeatureHash.bits
        else { return nil }
        window = Int(integer(8))
        stride = Int(integer(12))
        guard window > 0, stride > 0, stride <= window else { return nil }
        scale = number(16)
        bias = number(24)
        ideographBias = number(32)
        weights = UnsafeRawBufferPointer(rebasing: bytes[Self.headerSize...]).bindMemory(to: Int8.self)
    }

    /// The parts of a text that are scored: overlapping, the last one ends with the text.
    func windows(of count: Int) -> [Range<Int>] {
        guard count > window else { return [0..<count] }
        var starts = Array(Swift.stride(from: 0, to: count - window, by: stride))
        starts.append(count - window)
        return starts.map { $0..<$0 + window }
    }

    /// So many windows are hashed at once: what a text takes does not grow with it.
    private static let block = 32

    /// The logit of an attack in each of the windows.
    func scores(_ text: FoldedText, _ windows: [Range<Int>]) -> [Double] {
        var seen = [UInt64](repeating: 0, count: 1 << Int(FeatureHash.bits - 6))
        var scores: [Double] = []
        scores.reserveCapacity(windows.count)
        seen.withUnsafeMutableBufferPointer { seen in
            for start in Swift.stride(from: 0, to: windows.count, by: Self.block) {
                let block = windows[start..<min(start + Self.block, windows.count)]
                let part = block[start].lowerBound..<block[block.endIndex - 1].upperBound
                let features = HashedFeatures(text.scalars, in: part)
                for window in block {
                    var sum = 0
                    var count = 0
                    features.visit(window, of: text.scalars.count, seen) { bucket in
                        sum += Int(weights[bucket])
                        count += 1
                    }
                    let ideographs = text.scalars[window].reduce(0) { Scalars.isIdeograph($1) ? $0 + 1 : $0 }
                    scores.append(
                        scale * Double(sum) / Double(max(count, 1)).squareRoot() + bias
                            + ideographBias * Double(ideographs) / Double(max(window.count, 1)))
                }
            }
        }
        return scores
    }
}
