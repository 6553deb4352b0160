/// Takes out of a text what could steer the terminal. A model's answer is untrusted: an escape sequence in it could
/// move the cursor, rename the window, or write to the clipboard.
///
/// Each code point is judged alone: no sequence survives without its introducer (ESC or a C1 control), however the
/// text was cut into pieces. Nothing printable is swallowed, so an unfinished sequence cannot hide what follows it.
public enum ControlFilter {
    /// The text without C0 controls (but line feed and tab), delete, and C1 controls.
    public static func clean(_ text: String) -> String {
        if text.unicodeScalars.allSatisfy({ !isControl($0) }) { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !isControl(scalar) { scalars.append(scalar) }
        return String(scalars)
    }

    /// The text in one line: controls left out, line feeds and tabs become spaces.
    public static func cleanLine(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n", "\t", "\u{2028}", "\u{2029}": scalars.append(" ")
            case let scalar where isControl(scalar): continue
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0x00...0x1F, 0x7F...0x9F: true
        default: false
        }
    }
}
