/// How a large object is cut for its upload.
struct PartSizes: Sendable {
    /// Up to so many bytes go in one request.
    var wholeMax: Int64 = 64 << 20
    /// S3 takes none below 5 MiB but the last.
    var partMin: Int64 = 16 << 20
    /// Of one object.
    static let countMax: Int64 = 10_000
    /// Of one part.
    static let partMax: Int64 = 5 << 30

    /// All alike but the last, in whole MiB beyond `partMin`.
    func parts(of size: Int64, _ name: ObjectName, _ place: String) throws(ObjectError) -> [Range<Int64>] {
        let least = (size + Self.countMax - 1) / Self.countMax
        let part = max(partMin, ((least + (1 << 20) - 1) >> 20) << 20)
        guard part <= Self.partMax else {
            throw .tooLarge(place: place, name: name.text, limit: Int(Self.countMax * Self.partMax))
        }
        return stride(from: 0, to: size, by: Int64.Stride(part)).map { $0..<min(size, $0 + part) }
    }
}
