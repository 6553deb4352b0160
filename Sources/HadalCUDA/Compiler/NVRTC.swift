import Foundation

/// NVIDIA's compiler for CUDA C++, opened while the program runs. Signatures are those of NVIDIA's NVRTC documentation.
package struct NVRTC: @unchecked Sendable {
    package typealias Lookup = CUDADriver.Lookup
    typealias Program = OpaquePointer

    /// Where it was found.
    package let path: String
    /// `12.4`.
    package let version: String

    private let errorText: @convention(c) (Int32) -> UnsafePointer<CChar>?
    private let createProgram:
        @convention(c) (
            UnsafeMutablePointer<Program?>, UnsafePointer<CChar>, UnsafePointer<CChar>?, Int32,
            UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?
        ) -> Int32
    private let compileProgram: @convention(c) (Program?, Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> Int32
    private let logSize: @convention(c) (Program?, UnsafeMutablePointer<Int>) -> Int32
    private let log: @convention(c) (Program?, UnsafeMutablePointer<CChar>) -> Int32
    private let cubinSize: @convention(c) (Program?, UnsafeMutablePointer<Int>) -> Int32
    private let cubin: @convention(c) (Program?, UnsafeMutableRawPointer) -> Int32
    private let destroyProgram: @convention(c) (UnsafeMutablePointer<Program?>) -> Int32

    /// - Parameter symbols: where functions of a name are; tests give an emulator's.
    package init(path: String, symbols: Lookup) throws(CUDAError) {
        func function<Function>(_ name: String) throws(CUDAError) -> Function {
            guard let address = symbols(name) else {
                throw .noCompiler(tried: [path], reason: "it has no \(name)")
            }
            return unsafeBitCast(address, to: Function.self)
        }
        self.path = path
        errorText = try function("nvrtcGetErrorString")
        createProgram = try function("nvrtcCreateProgram")
        compileProgram = try function("nvrtcCompileProgram")
        logSize = try function("nvrtcGetProgramLogSize")
        log = try function("nvrtcGetProgramLog")
        cubinSize = try function("nvrtcGetCUBINSize")
        cubin = try function("nvrtcGetCUBIN")
        destroyProgram = try function("nvrtcDestroyProgram")
        let getVersion: @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32 =
            try function("nvrtcVersion")
        var (major, minor): (Int32, Int32) = (0, 0)
        _ = getVersion(&major, &minor)
        version = "\(major).\(minor)"
    }

    /// What the card runs, of one file.
    ///
    /// - Throws: `CUDAError.notCompiled` with the compiler's log.
    package func compile(
        _ source: KernelSource, headers: [KernelSource], architecture: String, options: [String]
    ) throws(CUDAError) -> [UInt8] {
        var program: Program?
        try check(
            withCStrings(headers.map(\.text)) { texts in
                withCStrings(headers.map(\.name)) { names in
                    createProgram(&program, source.text, source.name, Int32(headers.count), texts, names)
                }
            }, "nvrtcCreateProgram")
        defer { _ = destroyProgram(&program) }
        let arguments = ["--gpu-architecture=\(architecture)"] + options
        let status = withCStrings(arguments) { compileProgram(program, Int32(arguments.count), $0) }
        guard status == 0 else {
            throw .notCompiled(source: source.name, architecture: architecture, log: text(of: program, status))
        }
        var size = 0
        try check(cubinSize(program, &size), "nvrtcGetCUBINSize")
        var bytes = [UInt8](repeating: 0, count: size)
        try check(cubin(program, &bytes), "nvrtcGetCUBIN")
        return bytes
    }

    private func text(of program: Program?, _ status: Int32) -> String {
        var size = 0
        guard logSize(program, &size) == 0, size > 1 else { return name(of: status) }
        var text = [CChar](repeating: 0, count: size)
        guard log(program, &text) == 0 else { return name(of: status) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func name(of status: Int32) -> String { errorText(status).map { String(cString: $0) } ?? "error \(status)" }

    private func check(_ status: Int32, _ call: String) throws(CUDAError) {
        guard status == 0 else { throw .failed(call: call, code: status, name: name(of: status)) }
    }
}

/// Lends the texts as C has them, for as long as `body` runs.
private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
}
