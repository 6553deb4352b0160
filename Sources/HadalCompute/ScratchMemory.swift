/// Memory that one operation uses at a time: kept, and grown where one needs more. What was in it is lost then.
struct ScratchMemory<Element: BitwiseCopyable>: @unchecked Sendable {
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    var bytes: Int { memory.count }

    /// Room for `count` elements, 64-byte aligned.
    mutating func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        if bytes > memory.count {
            memory.deallocate()
            memory = .allocate(byteCount: bytes, alignment: 64)
        }
        return memory.baseAddress!.assumingMemoryBound(to: Element.self)
    }

    mutating func free() { memory.deallocate() }
}
