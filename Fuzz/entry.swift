import HadalCheckpoint

/// libFuzzer's entry; the build names the parser with -D.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    #if ANSWER
        AnswerFuzzing.run(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
        return 0
    #else
        return fuzzFile(start, count)
    #endif
}

private func fuzzFile(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let file = MappedFile(copying: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    #if GGUF
        Fuzzing.run("gguf", file)
    #elseif SAFETENSORS
        Fuzzing.run("safetensors", file)
    #else
        Fuzzing.run("json", file)
    #endif
    return 0
}
