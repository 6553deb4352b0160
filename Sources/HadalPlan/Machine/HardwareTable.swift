/// Machines by name, with the figures of their vendors' data sheets: dense peaks, without sparsity.
public enum HardwareTable {
    /// In upper or lower case.
    public static func find(_ name: String) throws(PlanError) -> Hardware {
        guard let found = entries.first(where: { $0.name == name.lowercased() }) else {
            throw .unknownHardware(name)
        }
        return found
    }

    public static let entries = accelerators + processors

    private static let accelerators = [
        // NVIDIA A100 Tensor Core GPU data sheet, SXM: FP16 312 TFLOPS, INT8 624 TOPS, no FP8.
        accelerator("a100-40gb", 40, 1555, half: 312, fp8: 312, int8: 624, "NVIDIA A100 data sheet (SXM)"),
        accelerator("a100-80gb", 80, 2039, half: 312, fp8: 312, int8: 624, "NVIDIA A100 data sheet (SXM)"),
        // NVIDIA H100 Tensor Core GPU data sheet, SXM: half of the figures with sparsity.
        accelerator("h100", 80, 3350, half: 989.5, fp8: 1979, int8: 1979, "NVIDIA H100 data sheet (SXM)"),
        // NVIDIA H200 Tensor Core GPU data sheet, SXM: the H100's arithmetic with more memory.
        accelerator("h200", 141, 4800, half: 989.5, fp8: 1979, int8: 1979, "NVIDIA H200 data sheet (SXM)"),
        // NVIDIA L40S data sheet: 362.05, 733 and 733 dense.
        accelerator("l40s", 48, 864, half: 362, fp8: 733, int8: 733, "NVIDIA L40S data sheet"),
        // NVIDIA Ada GPU architecture white paper, table of the RTX 4090: FP16 and FP8 with float32 sums.
        accelerator("rtx-4090", 24, 1008, half: 165.2, fp8: 330.3, int8: 660.6, "NVIDIA Ada white paper"),
        // NVIDIA T4 data sheet: 300 GB/s, mixed precision 65 TFLOPS, INT8 130 TOPS.
        accelerator(
            "t4", 16, 300, half: 65, fp8: 65, int8: 130, "NVIDIA T4 data sheet",
            note: "a T4 has compute capability 7.5; Hadal's kernels need 8.0: serve it with vLLM as an upstream"),
        // NVIDIA Jetson AGX Orin technical brief: 204.8 GB/s; the GPU's 170 INT8 TOPS are with sparsity, dense half of
        // it, FP16 half of that.
        accelerator(
            "jetson-agx-orin-64gb", 64, 204.8, half: 42.5, fp8: 42.5, int8: 85,
            "NVIDIA Jetson AGX Orin brief (GPU alone)"),
    ]

    /// One socket each with all memory channels. Arithmetic is cores × base clock × operations a cycle: of VPDPBUSD 128
    /// (Zen 4, a 512-bit instruction in two halves) or 256 (two of 512 bits), of float32 FMA a quarter.
    private static let processors = [
        // AMD EPYC 9654 product page: 96 cores, 2.4 GHz, 12 channels of DDR5-4800.
        processor("epyc-9654", 384, 460.8, cores: 96, gigahertz: 2.4, perCycle: 128, "AMD EPYC 9004 data sheet"),
        // AMD EPYC 9755 product page: 128 cores, 2.7 GHz, 12 channels of DDR5-6400.
        processor("epyc-9755", 768, 614.4, cores: 128, gigahertz: 2.7, perCycle: 256, "AMD EPYC 9005 data sheet"),
        // Intel ARK, Xeon Platinum 8480+: 56 cores, 2.0 GHz, 8 channels of DDR5-4800. With AMX 2048 a cycle.
        processor(
            "xeon-8480+", 512, 307.2, cores: 56, gigahertz: 2, perCycle: 256, "Intel ARK",
            note: "its AMX (229 TOPS) is not used by Hadal yet; counted is AVX-512 VNNI"),
        // Intel ARK, Xeon 6980P: 128 cores, 2.0 GHz, 12 channels of MRDIMM-8800. With AMX 2048 a cycle.
        processor(
            "xeon-6980p", 768, 844.8, cores: 128, gigahertz: 2, perCycle: 256, "Intel ARK",
            note: "its AMX (524 TOPS) is not used by Hadal yet; counted is AVX-512 VNNI"),
    ]

    /// - Parameters: GB, GB/s, TFLOPS and TOPS.
    private static func accelerator(
        _ name: String, _ memory: Int, _ bandwidth: Double, half: Double, fp8: Double, int8: Double, _ source: String,
        note: String? = nil
    ) -> Hardware {
        Hardware(
            name: name, kind: .accelerator, memory: memory * 1_000_000_000,
            bandwidth: bandwidth * 1e9 * Efficiency.dataSheetBandwidth,
            peaks: .init(half: half * 1e12, eightBitFloat: fp8 * 1e12, int8: int8 * 1e12), source: source, note: note)
    }

    private static func processor(
        _ name: String, _ memory: Int, _ bandwidth: Double, cores: Int, gigahertz: Double, perCycle: Double,
        _ source: String, note: String? = nil
    ) -> Hardware {
        let int8 = Double(cores) * gigahertz * 1e9 * perCycle
        return Hardware(
            name: name, kind: .processor, memory: memory * 1_000_000_000,
            bandwidth: bandwidth * 1e9 * Efficiency.dataSheetBandwidth,
            peaks: .init(half: int8 / 4, eightBitFloat: int8 / 4, int8: int8), source: source, note: note)
    }
}
