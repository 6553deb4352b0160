import HadalPKCS11

/// Attributes for a search or a new key. They own their values while a function looks at them.
struct PKCS11Attributes {
    private var entries: [(type: CK_ATTRIBUTE_TYPE, value: [UInt8])] = []

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: CK_ULONG) {
        entries.append((type, withUnsafeBytes(of: value) { Array($0) }))
    }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: Bool) { entries.append((type, [value ? 1 : 0])) }

    mutating func add(_ type: CK_ATTRIBUTE_TYPE, _ value: [UInt8]) { entries.append((type, value)) }

    func withList<Result>(_ body: (UnsafePointer<CK_ATTRIBUTE>?, CK_ULONG) -> Result) -> Result {
        var values = entries.flatMap(\.value)
        return values.withUnsafeMutableBytes { values in
            var offset = 0
            let list = entries.map { entry in
                defer { offset += entry.value.count }
                return CK_ATTRIBUTE(
                    type: entry.type, pValue: values.baseAddress.map { $0 + offset },
                    ulValueLen: CK_ULONG(entry.value.count))
            }
            return list.withUnsafeBufferPointer { body($0.baseAddress, CK_ULONG($0.count)) }
        }
    }
}
