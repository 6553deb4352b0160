import Foundation
import HadalCUDAKernels

/// A file of kernels, or a header of theirs, as the program carries it.
package struct KernelSource: Sendable {
    package let name: String
    package let text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// The kernels' files, and the headers that they include.
    package static let bundled: (files: [KernelSource], headers: [KernelSource]) = {
        var count: Int32 = 0
        guard let sources = hadal_cuda_sources(&count) else { return ([], []) }
        var (files, headers): ([KernelSource], [KernelSource]) = ([], [])
        for source in UnsafeBufferPointer(start: sources, count: Int(count)) {
            let bytes = UnsafeRawBufferPointer(start: source.text, count: Int(source.size))
            let own = KernelSource(
                name: String(cString: source.name), text: String(decoding: bytes, as: UTF8.self))
            if source.isHeader { headers.append(own) } else { files.append(own) }
        }
        return (files, headers)
    }()
}
