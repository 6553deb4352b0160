import Foundation
import HadalObjects
import HadalReplicas
import HadalSecrets
import HadalStore
import Synchronization

// A process for tests to kill: ReplicaProbe replicate|fetch|heal STORE PLACE PIECE, or ReplicaProbe seal STORE PLACE
// MASTERKEY PIECE. It ends itself at the piece with this number.

let arguments = CommandLine.arguments
let store = ModelStore(directory: arguments[2])
let storage = try DirectoryStorage(arguments[3])
let replica = Replica(storage)
let left = Mutex(Int(arguments.last!)!)
@Sendable func piece() {
    let isLast = left.withLock { left in
        left -= 1
        return left == 0
    }
    if isLast { kill(getpid(), SIGKILL) }
}

switch arguments[1] {
case "replicate", "seal":
    var replicas = [replica]
    if arguments[1] == "seal" {
        let service = try PassphraseKeyService.open(path: arguments[4], passphrase: Secret("a passphrase for tests"))
        replicas = [
            try await Replica.open(
                storage, form: CopyForm(compression: 3, isEncrypted: true), pieceBytes: 1 << 20, service: { service })
        ]
    }
    let results = await Replication(store: store, replicas: replicas, copies: 2).run(try store.manifests()) { _, _ in
        piece()
    }
    exit(results.allSatisfy(\.isEnough) ? 0 : 1)
case "fetch":
    let retrieval = Retrieval(store: store, replicas: [replica])
    try await retrieval.run(try await retrieval.find([]).manifests, progress: { _, _ in piece() })
default:
    for file in try store.manifests().flatMap(\.files) where try !store.has(file.digest, size: file.size) {
        _ = try await Healing(store: store, replicas: [replica]).heal(file) { _ in piece() }
    }
}
