import HTTPTypes
import Hummingbird
import NIOCore

/// Takes what is written for a client into a kept answer.
struct AnswerRecorder: ResponseBodyWriter {
    let answer: KeptAnswer

    mutating func write(_ buffer: ByteBuffer) async throws { answer.append(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
