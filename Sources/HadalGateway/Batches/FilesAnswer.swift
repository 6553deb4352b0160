import Foundation
import HTTPTypes
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird
import NIOCore

/// `/v1/files` and `/v1/batches`, where a directory for them was given.
struct FilesAnswer: Sendable {
    struct Stores: Sendable {
        let files: FileStore
        let batches: BatchStore
    }

    static let uploadBytesMax = 512 << 20

    let bodies: RequestBodyReader

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

    /// The body goes to a file as it comes; there it is cut to the file that it holds.
    private func upload(_ request: Request, _ store: FileStore) async throws -> FileObject {
        try HostCheck.checkOrigin(request)
        let id = RequestID.make("file")
        let place = try await store.place(id)
        do {
            let body = place.appendingPathExtension("form")
            try await receive(request, to: body)
            let form: MultipartForm
            do {
                form = try MultipartForm(
                    try Data(contentsOf: body, options: .mappedIfSafe), contentType: request.headers[.contentType])
            } catch let problem as MultipartForm.Problem {
                throw ErrorObject.invalidRequest(problem.description, code: "invalid_form")
            }
            guard let file = form.part("file") else { throw WireError.missing(field: "file") }
            guard let word = form.text("purpose") else { throw WireError.missing(field: "purpose") }
            let purpose = try FileObject.Purpose(word, at: "purpose")
            guard purpose != .batchOutput else {
                throw WireError.outOfRange(field: "purpose", expected: "batch or user_data")
            }
            let content = try StateFile.create(place)
            try content.write(contentsOf: form.data[file.range])
            try content.synchronize()
            try content.close()
            try FileManager.default.removeItem(at: body)
            return try await store.add(id, name: file.filename ?? "file", purpose: purpose)
        } catch {
            await store.abandon(id)
            throw error
        }
    }

    private func receive(_ request: Request, to url: URL) async throws {
        let handle = try StateFile.create(url)
        defer { try? handle.close() }
        var bytes = 0
        for try await buffer in request.body {
            bytes += buffer.readableBytes
            guard bytes <= Self.uploadBytesMax else {
                throw RequestBodyReader.Problem.tooLarge(limit: Self.uploadBytesMax)
            }
            try handle.write(contentsOf: Data(buffer.readableBytesView))
        }
    }

    private func content(_ id: String, _ store: FileStore) async throws -> Response {
        let url = try await store.content(id)
        let handle = try FileHandle(forReadingFrom: url)
        let bytes = try await store.file(id).bytes
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream"],
            body: ResponseBody(contentLength: bytes) { writer in
                defer { try? handle.close() }
                while let piece = try await onOtherThreads({ try handle.read(upToCount: 1 << 18) }), !piece.isEmpty {
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
            })
    }
}
