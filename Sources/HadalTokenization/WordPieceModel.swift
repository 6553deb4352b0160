/// WordPiece (BERT): words at white space and punctuation, each the longest pieces from left to right.
struct WordPieceModel: SubwordModel {
    /// Pieces that begin a word as they are, others with `continuation` before them.
    let pieces: PieceTable
    let unknown: Int32?
    let continuation: [UInt8]
    /// Longer words are unknown at once. Also what keeps the search linear.
    let wordScalarsMax: Int

    var count: Int { pieces.count }

    func encode(_ text: Span<UInt8>, isFirst: Bool, into ids: inout [Int32]) {
        let classes = ScalarClasses.table
        var word: [UInt8] = []
        var index = 0
        while index < text.count {
            let (value, next) = text.scalar(at: index)
            let kind = classes[value]
            let isPunctuation = kind.contains(.punctuation) || (value < 0x80 && kind.contains(.symbol))
            if isPunctuation || kind.contains(.space) {
                encodeWord(&word, into: &ids)
            }
            if !kind.contains(.space) {
                for place in index..<next { word.append(text[place]) }
                if isPunctuation { encodeWord(&word, into: &ids) }
            }
            index = next
        }
        encodeWord(&word, into: &ids)
    }

    /// Appends the pieces of `word`, or the unknown token for all of it, and empties it.
    private func encodeWord(_ word: inout [UInt8], into ids: inout [Int32]) {
        guard !word.isEmpty else { return }
        defer { word.removeAll(keepingCapacity: true) }
        let first = ids.count
        let scalars = word.reduce(into: 0) { count, byte in if byte & 0xC0 != 0x80 { count += 1 } }
        var start = 0
        if scalars <= wordScalarsMax {
            while start < word.count {
                var part = start == 0 ? [] : continuation
                part += word[start...]
                var end = word.count
                let prefix = part.count - (word.count - start)
                while end > start {
                    if let id = pieces.id(of: part.span.extracting(0..<prefix + end - start)) {
                        ids.append(id)
                        break
                    }
                    repeat { end -= 1 } while end > start && word[end] & 0xC0 == 0x80
                }
                if end == start { break }
                start = end
            }
        }
        if start < word.count {
            ids.removeSubrange(first...)
            if let unknown { ids.append(unknown) }
        }
    }

    func bytes(of token: Int32) -> [UInt8] {
        let piece = pieces[token]
        return piece.starts(with: continuation) && piece.count > continuation.count
            ? Array(piece.dropFirst(continuation.count)) : piece.isEmpty ? [] : [0x20] + piece
    }

    func id(of piece: [UInt8]) -> Int32? { pieces.id(of: piece) }
}
