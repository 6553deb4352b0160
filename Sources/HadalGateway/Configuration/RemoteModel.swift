import Foundation
import HadalCertificates
import HadalConfiguration

extension ServedModel {
    /// - Parameter worker: `https://HOST:PORT`.
    public init(name: String, worker: URL) {
        self.init(name: name, reference: worker.absoluteString)
        self.worker = worker
    }

    /// - Returns: nil for what is no URL but a model.
    static func workerURL(_ reference: String) -> URL? {
        ["https://", "http://"].contains { reference.hasPrefix($0) } ? URL(string: reference) : nil
    }

    func checkWorker() throws(GatewayError) {
        guard let worker else { return }
        func refuse(_ problem: String) throws(GatewayError) { throw .badWorker(reference, problem: problem) }
        if worker.scheme != "https" { try refuse("plain HTTP protects nothing; write https://HOST:PORT") }
        let isPlain = [worker.user, worker.password, worker.query, worker.fragment].allSatisfy { $0 == nil }
        guard let host = worker.host(), !host.isEmpty, isPlain, ["", "/"].contains(worker.path) else {
            return try refuse("write https://HOST:PORT and nothing more")
        }
        if name.isEmpty { try refuse("its model needs a name; write NAME=\(reference)") }
    }
}

extension GatewayConfiguration {
    /// What is shown to workers on other machines; nil where there are none.
    func workerKeeper() throws -> CertificateKeeper? {
        guard models.contains(where: { $0.worker != nil }) else { return nil }
        guard let workerCertificates else { throw GatewayError.noWorkerCertificates }
        return try CertificateKeeper(try workerCertificates.client(), logger: logger)
    }
}

extension WorkerCertificates {
    init(_ settings: HadalSettings) {
        let workers = settings.workers
        if let certificate = workers.tlsCertificate, let key = workers.tlsKey, let authorities = workers.tlsCA {
            self = .files(CertificateFiles(certificate: certificate, key: key), authorities: authorities)
        } else {
            let own = CertificateDirectory(data: URL(fileURLWithPath: settings.data))
            self = .directory(workers.certificates.map { CertificateDirectory($0) } ?? own)
        }
    }
}
