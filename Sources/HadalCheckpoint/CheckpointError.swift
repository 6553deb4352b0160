/// What is wrong with a checkpoint, and where. Offsets count bytes from the start of the file.
public enum CheckpointError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file or directory cannot be opened, mapped or written.
    case unreadable(file: String, reason: String)
    /// The file breaks its format's rules; `item` is the field, key or tensor at fault.
    case invalid(file: String, item: String, offset: Int, problem: String)
    /// A count or length beyond what any real file has.
    case limit(file: String, item: String, offset: Int, value: UInt64, limit: UInt64)
    /// Well formed perhaps, but of a kind that is not known here.
    case unsupported(file: String, item: String, offset: Int, reason: String)
    /// The file is encrypted and was not decrypted; `problem` names it, and says what to do.
    case encrypted(file: String, problem: String)
    /// Something that has to be there is not: a file of a directory, a tensor of a checkpoint.
    case missing(place: String, item: String)
    /// A part or a shape was asked for that the tensor does not have.
    case shape(tensor: String, problem: String)
    /// Values cannot be stored in this format.
    case encoding(format: TensorFormat, problem: String)
    /// A tensor that would be quantized a second time.
    case quantizedAlready(tensor: String, format: TensorFormat)

    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .invalid(let file, let item, let offset, let problem): "\(file): \(item) at byte \(offset): \(problem)"
        case .limit(let file, let item, let offset, let value, let limit):
            "\(file): \(item) at byte \(offset): \(value) is more than the limit of \(limit)"
        case .unsupported(let file, let item, let offset, let reason): "\(file): \(item) at byte \(offset): \(reason)"
        case .encrypted(_, let problem): problem
        case .missing(let place, let item): "\(place): there is no \(item)"
        case .shape(let tensor, let problem): "tensor \(tensor): \(problem)"
        case .encoding(let format, let problem): "\(format.name): \(problem)"
        case .quantizedAlready(let tensor, let format):
            "\(tensor) is quantized already (\(format.name)), and would lose more than from the original"
        }
    }

    /// Text from a file, safe to show: control characters escaped, long text cut.
    static func shown(_ text: some StringProtocol) -> String {
        var output = "\""
        for scalar in text.unicodeScalars.prefix(80) {
            output += scalar.value < 0x20 || scalar.value == 0x7F ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return output + (text.unicodeScalars.count > 80 ? "…\"" : "\"")
    }
}
