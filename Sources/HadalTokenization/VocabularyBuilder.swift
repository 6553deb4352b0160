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

    /// `vocab`: an object of pieces and their ids, which need not be in order.
    func pieces(_ vocabulary: JSON.Object, field: String) throws(TokenizerError) -> PieceTable {
        var keys = [String?](repeating: nil, count: vocabulary.count)
        for (key, value) in vocabulary.members {
            guard let id = value.int, id >= 0 else {
                throw .malformed(path: path, field: field, problem: "the id of \(JSON.quoted(key)) is no id")
            }
            guard id < VocabularyBuilder.idMax else {
                throw .tooLarge(path: path, field: field, value: id, limit: VocabularyBuilder.idMax)
            }
            if id >= keys.count { keys += [String?](repeating: nil, count: id + 1 - keys.count) }
            guard keys[id] == nil else {
                throw .malformed(path: path, field: field, problem: "two pieces with the id \(id)")
            }
            keys[id] = key
        }
        var table = PieceTable(capacity: keys.count, byteCapacity: keys.count * 8)
        var scratch: [UInt8] = []
        for key in keys { append(Array((key ?? "").utf8).span, to: &table, &scratch) }
        return table
    }

    func append(_ piece: Span<UInt8>, to table: inout PieceTable, _ scratch: inout [UInt8]) {
        switch spelling {
        case .plain: table.append(piece)
        case .byteAlphabet:
            ByteAlphabet.decode(piece, into: &scratch)
            table.append(scratch.span)
        }
    }

    /// `merges`: in order of rank, each `"left right"` or `["left", "right"]`.
    func merges(_ list: [JSON], of pieces: PieceTable, field: String) throws(TokenizerError) -> MergeTable {
        var table = MergeTable(capacity: list.count)
        for (rank, entry) in list.enumerated() {
            if let text = entry.string {
                let bytes = Array(text.utf8)
                try addMerge(bytes.span, rank: rank, of: pieces, to: &table, field: field)
            } else if let left = entry[0]?.string, let right = entry[1]?.string, entry.array?.count == 2 {
                let bytes = Array(left.utf8) + Array(right.utf8)
                let isKnown = add(bytes.span, cut: left.utf8.count, gap: 0, rank: rank, of: pieces, to: &table)
                guard isKnown else { throw outOfVocabulary("\(left) \(right)", rank, field) }
            } else {
                throw .malformed(path: path, field: "\(field)[\(rank)]", problem: "is no pair of pieces")
            }
        }
        return table
    }

    /// One merge as a line of text.
    func addMerge(
        _ line: Span<UInt8>, rank: Int, of pieces: PieceTable, to table: inout MergeTable, field: String
    ) throws(TokenizerError) {
        guard let cut = cut(line) else {
            throw .malformed(path: path, field: "\(field)[\(rank)]", problem: "is no pair of pieces")
        }
        guard add(line, cut: cut, gap: 1, rank: rank, of: pieces, to: &table) else {
            throw outOfVocabulary(String(decoding: (0..<line.count).map { line[$0] }, as: UTF8.self), rank, field)
        }
    }

    /// The single space between two pieces, neither of which is empty.
    func cut(_ line: Span<UInt8>) -> Int? {
        var cut: Int?
        for index in line.indices where line[index] == 0x20 {
            if cut != nil { return nil }
            cut = index
        }
        guard let cut, cut > 0, cut + 1 < line.count else { return nil }
        return cut
    }

    /// Adds the merge of `text[..<cut]` and `text[cut + gap...]`; false where a piece or the result is not in the vocabulary.
    func add(
        _ text: Span<UInt8>, cut: Int, gap: Int, rank: Int, of pieces: PieceTable, to table: inout MergeTable
    ) -> Bool {
        var joined: [UInt8] = []
        joined.reserveCapacity(text.count)
        let leftCount: Int
        switch spelling {
        case .plain:
            for index in 0..<cut { joined.append(text[index]) }
            leftCount = cut
            for index in cut + gap..<text.count { joined.append(text[index]) }
        case .byteAlphabet:
            var part: [UInt8] = []
            ByteAlphabet.decode(text.extracting(0..<cut), into: &part)
            joined += part
            leftCount = part.count
            ByteAlphabet.decode(text.extracting(cut + gap..<text.count), into: &part)
            joined += part
        }
        let span = joined.span
        guard let left = pieces.id(of: span.extracting(0..<leftCount)),
            let right = pieces.id(of: span.extracting(leftCount..<span.count)), let merged = pieces.id(of: span)
        else { return false }
        table.add(left, right, rank: rank, merged: merged)
        return true
    }

    private func outOfVocabulary(_ merge: String, _ rank: Int, _ field: String) -> TokenizerError {
        .malformed(
            path: path, field: "\(field)[\(rank)]",
            problem: "\(JSON.quoted(merge)): a part or the whole is not in the vocabulary")
    }

    /// Ids of `<0x00>` … `<0xFF>`, -1 where there is none.
    static func byteTokens(of pieces: PieceTable) -> [Int32] {
        (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return pieces.id(of: Array("<0x\(digits.count < 2 ? "0" : "")\(digits)>".utf8)) ?? -1
        }
    }
}
