import HadalCompute
import HadalEngine
import Testing

@Suite struct DeviceChoiceTests {
    @Test(arguments: ["cpu", "cuda", "cuda:1", "cuda:GPU-0a1b2c3d", "cuda:MIG-0a1b"])
    func whatIsWrittenIsRead(_ text: String) throws {
        #expect(try DeviceChoice(text).description == text)
    }

    @Test(arguments: ["", "CUDA", "cuda:", "cuda:-1", "cuda:x", "cpu:0", "gpu", "cuda:1:2"])
    func whatIsNoDeviceIsTold(_ text: String) {
        #expect(throws: EngineError.self) { try DeviceChoice(text) }
    }

    @Test func withoutAWordItIsTheProcessor() throws {
        #expect(try DeviceChoice.standard(environment: [:]) == .cpu)
        #expect(try DeviceChoice.standard(environment: ["HADAL_DEVICE": ""]) == .cpu)
        #expect(try DeviceChoice.standard(environment: ["HADAL_DEVICE": "cuda:1"]).description == "cuda:1")
        #expect(try DeviceChoice.cpu.open(threads: 1) is CPUDevice)
    }
}
