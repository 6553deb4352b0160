import HadalAccess

extension Route {
    /// What somebody must be allowed to do; nil: anybody may ask, and reads what they are allowed to.
    var permission: Permission? {
        switch self {
        case .home, .live, .ready, .description, .ollamaVersion: nil
        // Figures of all tenants.
        case .metrics: .viewOperations
        case .models, .model, .ollamaTags, .ollamaRunning, .ollamaShow: .listModels
        case .chat, .completion, .embedding, .rerank, .tokenize, .detokenize, .messages, .messageCount, .ollamaChat,
            .ollamaGenerate, .ollamaEmbed, .ollamaEmbedding:
            .useModels
        case .responses, .response, .responseDeletion, .responseInput: .useModels
        case .files, .fileUpload, .file, .fileDeletion, .fileContent, .batches, .batchCreation, .batch,
            .batchCancellation:
            .useFiles
        case .ollamaCreate, .ollamaCopy, .ollamaDelete: .manageVariants
        // What is there is told of, and nothing else can be fetched or sent away yet.
        case .ollamaPull, .ollamaPush: .manageModels
        }
    }
}
