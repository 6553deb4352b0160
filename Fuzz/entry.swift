#if YAML || ADDRESS || TOKEN || KEYSET || HEADER || KEYS
#else
    import HadalCheckpoint
#endif

/// libFuzzer's entry; the build names the parser with -D.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
    #if ANSWER
        AnswerFuzzing.run(bytes)
    #elseif YAML
        ConfigurationFuzzing.run(bytes)
    #elseif ADDRESS
        AccessFuzzing.addresses(bytes)
    #elseif TOKEN
        AccessFuzzing.token(bytes)
    #elseif KEYSET
        AccessFuzzing.keySet(bytes)
    #elseif HEADER
        SecretsFuzzing.header(bytes)
    #elseif KEYS
        SecretsFuzzing.keyTable(bytes)
    #elseif GGUF
        Fuzzing.run("gguf", MappedFile(copying: bytes))
    #elseif SAFETENSORS
        Fuzzing.run("safetensors", MappedFile(copying: bytes))
    #else
        Fuzzing.run("json", MappedFile(copying: bytes))
    #endif
    return 0
}
