/// Memory of the card, freed with this object.
final class CUDAMemory: @unchecked Sendable {
    let context: CUDAContext
    let address: CUDAAddress
    let bytes: Int

    /// - Parameter what: for the error where the card is full.
    init(_ context: CUDAContext, bytes: Int, for what: @autoclosure () -> String) throws(CUDAError) {
        self.context = context
        self.bytes = bytes
        address = try context.allocate(bytes, for: what())
    }

    deinit { context.free(address) }

    func pointer(at offset: Int = 0) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(bitPattern: UInt(address) + UInt(offset))!
    }
}

/// Memory of the card that one operation uses at a time: kept, and grown where one needs more. What was in it is lost then.
struct CUDAScratch {
    private var memory: CUDAMemory?

    var bytes: Int { memory?.bytes ?? 0 }

    /// - Parameter what: for people, where there is no room. A step is no place to fail in: the process ends.
    mutating func reserve<Element: BitwiseCopyable>(
        _ context: CUDAContext, _ count: Int, of type: Element.Type, for what: StaticString
    ) -> UnsafeMutablePointer<Element> {
        let bytes = max(count, 1) * MemoryLayout<Element>.stride
        if bytes > self.bytes {
            memory = nil
            do throws(CUDAError) {
                memory = try CUDAMemory(context, bytes: bytes, for: "\(what)")
            } catch {
                fatalError("\(error); \(error.advice)")
            }
        }
        return memory!.pointer().assumingMemoryBound(to: Element.self)
    }
}
