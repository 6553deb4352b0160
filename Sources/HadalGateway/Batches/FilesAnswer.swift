import Foundation
import HTTPTypes
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import Logging
import NIOCore

/// `/v1/files` and `/v1/batches`, where a directory for them was given.
struct FilesAnswer: Sendable {
    struct Stores: Sendable {
        let files: FileStore
        let batches: BatchStore
    }

    static let uploadBytesMax = 512 << 20

    let bodies: RequestBodyReader
    let logger: Logger

    /// - Returns: nil for routes that ask for something else.
    func response(
        to route: Route, _ request: Request, _ caller: Caller
    ) async throws -> Response? {
        guard route.isAboutFiles else { return nil }
        guard let stores = caller.space.files else { throw GatewayError.noDataDirectory }
        // Disks take their time.
        return try await onOtherThreads { try await answer(route, request, caller, stores) }
    }

    private func answer(
        _ route: Route, _ request: Request, _ caller: Caller, _ stores: Stores
    ) async throws -> Response {
        let (files, batches) = (stores.files, stores.batches)
        switch route {
        case .files:
            let all = await files.all
            let purpose = try request.uri.queryParameters["purpose"].map {
                try FileObject.Purpose(String($0), at: "purpose")
            }
            return try page(all.filter { purpose == nil || $0.purpose == purpose }.map(\.json), request)
        case .fileUpload: return HTTPReply.json(try await upload(request, files).json)
        case .file(let id): return HTTPReply.json(try await files.file(id).json)
        case .fileContent(let id): return try await content(id, files)
        case .fileDeletion(let id):
            try await files.delete(id)
            return HTTPReply.json(Deletion.json("file", id))
        case .batches: return try page(await batches.all.map(\.json), request)
        case .batchCreation:
            try Validation.checkJSONType(request)
            let wanted = try BatchRequest(try await bodies.json(request, caller.connection))
            _ = try await files.file(wanted.inputFile, field: "input_file_id")
            return HTTPReply.json(try await batches.create(wanted, by: caller.principal).json)
        case .batch(let id): return HTTPReply.json(try await batches.batch(id).json)
        case .batchCancellation(let id): return HTTPReply.json(try await batches.cancel(id).json)
        default: throw GatewayError.noRoute(path: request.uri.path)
        }
    }

    /// `after`, `limit` and `order`, as OpenAI's lists have them.
    private func page(_ newestFirst: [JSON], _ request: Request) throws -> Response {
        let query = request.uri.queryParameters
        let limit = try query["limit"].map { text in
            guard let limit = Int(text), (1...10_000).contains(limit) else {
                throw WireError.outOfRange(field: "limit", expected: "between 1 and 10000")
            }
            return limit
        }
        let order = query["order"] ?? "desc"
        guard order == "desc" || order == "asc" else {
            throw WireError.outOfRange(field: "order", expected: "asc or desc")
        }
        var items = order == "desc" ? newestFirst : newestFirst.reversed()
        if let after = query["after"] {
            guard let index = items.firstIndex(where: { $0["id"]?.string == String(after) }) else {
                throw WireError.outOfRange(field: "after", expected: "the id of an element of the list")
            }
            items.removeFirst(index + 1)
        }
        let shown = Array(items.prefix(limit ?? 20))
        return HTTPReply.json(ListPage.json(shown, hasMore: shown.count < items.count))
    }

    private func upload(_ request: Request, _ store: FileStore) async throws -> FileObject {
        try HostCheck.checkOrigin(request)
        let id = RequestID.make("file")
        do {
            let upload = Upload(try store.writer(id))
            try await receive(request, upload)
            let (name, purpose) = try upload.finish()
            return try await store.add(id, bytes: upload.count, name: name, purpose: purpose)
        } catch let problem as MultipartForm.Problem {
            await store.abandon(id)
            throw ErrorObject.invalidRequest(problem.description, code: "invalid_form")
        } catch {
            await store.abandon(id)
            throw error
        }
    }

    private func receive(_ request: Request, _ upload: Upload) async throws {
        var form = try MultipartForm(contentType: request.headers[.contentType])
        var bytes = 0
        for try await buffer in request.body {
            bytes += buffer.readableBytes
            guard bytes <= Self.uploadBytesMax else {
                throw RequestBodyReader.Problem.tooLarge(limit: Self.uploadBytesMax)
            }
            form.append(buffer.readableBytesView)
            while let event = try form.next() { try upload.take(event) }
        }
        try form.finish()
    }

    private func content(_ id: String, _ store: FileStore) async throws -> Response {
        let reader = try await store.content(id)
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream"],
            body: ResponseBody(contentLength: reader.count) { writer in
                var offset = 0
                while true {
                    let piece: [UInt8]
                    do {
                        piece = try await onOtherThreads { [offset] in try reader.read(at: offset, count: 1 << 18) }
                    } catch {
                        // All there is left to do is to break off.
                        logger.error(
                            "a file cannot be given out to its end", metadata: ["file": "\(id)", "error": "\(error)"])
                        throw error
                    }
                    if piece.isEmpty { break }
                    offset += piece.count
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
            })
    }
}
