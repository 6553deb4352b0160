/// How a tensor's numbers are stored. Raw values below 1000 are ggml's type numbers as GGUF files carry them.
public enum TensorFormat: UInt32, Sendable, Hashable, CaseIterable {
    case f32 = 0, f16 = 1, q4_0 = 2, q4_1 = 3, q5_0 = 6, q5_1 = 7, q8_0 = 8, q8_1 = 9
    case q2_K = 10, q3_K = 11, q4_K = 12, q5_K = 13, q6_K = 14, q8_K = 15
    case iq2_XXS = 16, iq2_XS = 17, iq3_XXS = 18, iq1_S = 19, iq4_NL = 20, iq3_S = 21, iq2_S = 22, iq4_XS = 23
    case i8 = 24, i16 = 25, i32 = 26, i64 = 27, f64 = 28, iq1_M = 29, bf16 = 30, tq1_0 = 34, tq2_0 = 35, mxfp4 = 39
    /// Formats only safetensors files have.
    case f8_E4M3 = 1000, f8_E5M2 = 1001, u8 = 1002, u16 = 1003, u32 = 1004, u64 = 1005, bool = 1006
}
