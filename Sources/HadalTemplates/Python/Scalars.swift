extension Unicode.Scalar {
    /// What `str.isspace`, `str.strip` and `\s` take for white space: Unicode's bidirectional classes B, S and WS and
    /// category Zs, which differs from the White_Space property in the four information separators.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    var isASCIIDigit: Bool { value >= 0x30 && value <= 0x39 }
    var isASCIIAlphanumeric: Bool { properties.isAlphabetic && isASCII || isASCIIDigit }

    /// Whether `repr` shows the character itself (`str.isprintable`).
    var isPythonPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }

    /// Python's idea of upper or lower case, for `title`, `isupper`, `swapcase`.
    var isCased: Bool { properties.isUppercase || properties.isLowercase || isTitlecase }
    var isTitlecase: Bool { properties.generalCategory == .titlecaseLetter }
}

extension String {
    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }
}
