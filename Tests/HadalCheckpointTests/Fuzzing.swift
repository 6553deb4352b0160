import HadalCheckpoint
import HadalJSON

/// What a fuzzer does with one input: parse it, and when it is accepted, touch everything it claims to hold.
/// Compiled into the tests and (by Fuzz/run.sh) into the fuzzers.
enum Fuzzing {
    static func run(_ kind: String, _ file: MappedFile) {
        switch kind {
        case "gguf": gguf(file)
        case "safetensors": safetensors(file)
        case "json": json(file)
        default: preconditionFailure("no parser of \(kind)")
        }
    }

    private static func gguf(_ file: MappedFile) {
        do throws(CheckpointError) {
            let parsed = try GGUFFile.parse(file)
            for key in parsed.metadata.keys {
                guard let value = parsed.metadata[key] else { preconditionFailure("a key without value") }
                _ = (value.description, value.int, value.double, value.array?.strings, value.array?.ints)
                _ = value.array?.floats
            }
            touch(parsed.tensors)
        } catch { precondition(!error.description.isEmpty) }
    }

    private static func safetensors(_ file: MappedFile) {
        do throws(CheckpointError) { touch(try SafetensorsFile.parse(file).tensors) } catch {
            precondition(!error.description.isEmpty)
        }
    }

    private static func json(_ file: MappedFile) {
        guard let value = try? JSON(parsing: file.bytes) else { return }
        // What we write, we read, and it is the same.
        guard let again = try? JSON(parsing: value.text) else { preconditionFailure("own text refused") }
        precondition(again == value, "text changed on its way")
    }

    private static func touch(_ tensors: [Tensor]) {
        for tensor in tensors where tensor.count < 1 << 20 {
            let values = tensor.dequantized()
            precondition(values.count == tensor.count)
            if let first = tensor.shape.first, first > 0, let part = try? tensor.slice(first - 1) {
                precondition(part.count == tensor.count / first)
                _ = part.dequantized()
            }
        }
    }
}
