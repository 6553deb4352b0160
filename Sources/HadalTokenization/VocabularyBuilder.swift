import HadalJSON

/// Pieces and merges on their way from a file into tables: every id, count and name is checked here.
struct VocabularyBuilder {
    /// More than any vocabulary has (the largest known have about 262,000 pieces).
    static let idMax = 4 << 20

    /// How a file writes its pieces.
    enum Spelling {
        /// In the byte alphabet of GPT-2.
        case byteAlphabet
        /// As they are.
        case plain
    }

    let path: String
    let spelling: Spelling

    /// Pieces and their ids, which need not be in order.
    func pieces(_ list: PieceList, field: String) throws(TokenizerError) -> PieceTable {
        var entryOfID = [Int32](repeating: -1, count: list.entries.count)
        for (index, entry) in list.entries.enumerated() {
            let id = entry.id
            guard id >= 0 else { throw .malformed(path: path, field: field, problem: "\(id) is no id") }
            guard id < VocabularyBuilder.idMax else {
                throw .tooLarge(path: path, field: field, value: id, limit: VocabularyBuilder.idMax)
            }
            if id >= entryOfID.count { entryOfID += [Int32](repeating: -1, count: id + 1 - entryOfID.count) }
            guard entryOfID[id] < 0 else {
                throw .malformed(path: path, field: field, problem: "two pieces with the id \(id)")
            }
            entryOfID[id] = Int32(index)
        }
        var table = PieceTable(capacity: entryOfID.count, byteCapacity: list.text.count)
        var scratch: [UInt8] = []
        let text = list.text.span
        for index in entryOfID {
            let entry = index < 0 ? PieceList.Entry(start: 0, count: 0, id: 0) : list.entries[Int(index)]
            append(text.extracting(Int(entry.start)..<Int(entry.start + entry.count)), to: &table, &scratch)
        }
        return table
    }

    func append(_ piece: Span<UInt8>, to table: inout PieceTable, _ scratch: inout [UInt8]) {
        spell(piece, into: &scratch)
        table.append(scratch.span)
    }

    /// - Parameter isLenient: passes over merges whose parts or whole the vocabulary lacks, and which can never apply:
    ///   converters to GGUF leave them in. Elsewhere they are an error.
    func merges(
        _ list: MergeList, of pieces: PieceTable, field: String, isLenient: Bool = false
    ) throws(TokenizerError) -> MergeTable {
        var table = MergeTable(capacity: list.entries.count)
        let text = list.text.span
        var joined: [UInt8] = []
        var part: [UInt8] = []
        for (rank, entry) in list.entries.enumerated() {
            if entry.leftCount == 0 || entry.rightCount == 0 {
                if isLenient { continue }
                throw .malformed(path: path, field: "\(field)[\(rank)]", problem: "is no pair of pieces")
            }
            let start = Int(entry.start)
            let cut = start + Int(entry.leftCount)
            let end = cut + Int(entry.rightCount)
            joined.removeAll(keepingCapacity: true)
            spell(text.extracting(start..<cut), into: &part)
            joined += part
            let leftCount = joined.count
            spell(text.extracting(cut..<end), into: &part)
            joined += part
            let whole = joined.span
            guard let left = pieces.id(of: whole.extracting(0..<leftCount)),
                let right = pieces.id(of: whole.extracting(leftCount..<whole.count)), let merged = pieces.id(of: whole)
            else {
                if isLenient { continue }
                let merge =
                    "\(String(decoding: list.text[start..<cut], as: UTF8.self)) \(String(decoding: list.text[cut..<end], as: UTF8.self))"
                throw .malformed(
                    path: path, field: "\(field)[\(rank)]",
                    problem: "\(JSON.quoted(merge)): a part or the whole is not in the vocabulary")
            }
            table.add(left, right, rank: rank, merged: merged)
        }
        return table
    }

    /// The bytes that a piece stands for.
    private func spell(_ piece: Span<UInt8>, into bytes: inout [UInt8]) {
        switch spelling {
        case .byteAlphabet: ByteAlphabet.decode(piece, into: &bytes)
        case .plain:
            bytes.removeAll(keepingCapacity: true)
            for index in piece.indices { bytes.append(piece[index]) }
        }
    }

    /// Ids of `<0x00>` … `<0xFF>`, -1 where there is none.
    static func byteTokens(of pieces: PieceTable) -> [Int32] {
        (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return pieces.id(of: Array("<0x\(digits.count < 2 ? "0" : "")\(digits)>".utf8)) ?? -1
        }
    }
}
