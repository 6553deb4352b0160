import Foundation
import HadalNVML
import TestSupport
import Testing

/// What is around the library: the bus, the kernel, the Multi-Process Service.
@Suite(.timeLimit(.minutes(15))) struct SurroundingsTests {
    private static func make(_ directory: TemporaryDirectory, _ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: directory.file(path))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    @Test(arguments: [
        (
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\nGCC version:  gcc version 12.2.0\n",
            "550.54.15"
        ),
        (
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57  Release Build  (a@b)\n", "575.57"
        ),
        ("nothing", nil),
    ])
    func theKernelModulesVersionIsFound(_ text: String, _ version: String?) throws {
        let directory = try TemporaryDirectory()
        #expect(KernelModule.version(try directory.write(text.utf8, "version")) == version)
        #expect(KernelModule.version(directory.file("missing")) == nil)
    }

    @Test func cardsAreFoundOnTheBusWithWhoHasThem() throws {
        let bus = try TemporaryDirectory()
        let devices = [
            ("0000:01:00.0", "0x10de", "0x030000", "nouveau"), ("0000:01:00.1", "0x10de", "0x040300", "snd_hda_intel"),
            ("0000:02:00.0", "0x8086", "0x030000", "i915"), ("0000:41:00.0", "0x10de", "0x030200", "nvidia"),
            ("0000:c1:00.0", "0x10de", "0x030200", nil),
        ]
        for (name, vendor, kind, driver) in devices {
            try Self.make(bus, "\(name)/vendor", vendor + "\n")
            try Self.make(bus, "\(name)/class", kind + "\n")
            guard let driver else { continue }
            try FileManager.default.createSymbolicLink(
                atPath: bus.file("\(name)/driver"), withDestinationPath: "../../bus/pci/drivers/\(driver)")
        }
        let cards = PCICard.all(bus.path)
        #expect(cards.map(\.bus) == ["0000:01:00.0", "0000:41:00.0", "0000:c1:00.0"])
        #expect(cards.map(\.driver) == ["nouveau", "nvidia", nil])
        #expect(cards.map { $0.advice?.contains("blacklist nouveau") } == [true, nil, nil])
        #expect(PCICard.all(bus.file("missing")).isEmpty)
    }

    @Test func theMultiProcessServiceIsRecognised() throws {
        let (processes, pipes) = (try TemporaryDirectory(), try TemporaryDirectory())
        let environment = ["CUDA_MPS_PIPE_DIRECTORY": pipes.path]
        func look() -> MPSDaemon { MPSDaemon(environment: environment, processes: processes.path) }
        #expect(!look().isThere && look().advice == nil)
        for (process, name, line) in [
            (12, "nvidia-cuda-mps", "/usr/bin/nvidia-cuda-mps-control\0-d\0"),
            (31, "nvidia-cuda-mps", "nvidia-cuda-mps-server\0"), (40, "bash", "nvidia-cuda-mps-control\0"),
        ] {
            try Self.make(processes, "\(process)/comm", name + "\n")
            try Self.make(processes, "\(process)/cmdline", line)
        }
        #expect(look().process == 12 && look().servers == 1)
        #expect(look().advice?.contains("CUDA_MPS_PIPE_DIRECTORY") == true)
        try pipes.write([], "control")
        #expect(look().hasPipe && look().advice == nil)
        try FileManager.default.removeItem(atPath: processes.file("12"))
        #expect(look().isThere && look().advice?.contains("nvidia-cuda-mps-control -d") == true)
        #expect(MPSDaemon(environment: [:], processes: processes.path).directory == "/tmp/nvidia-mps")
    }
}
