import HadalConfiguration
import HadalGateway
import HadalSecrets
import HadalStore

extension ModelStore {
    /// With the keys, where files of it are encrypted or are to be. Where no key service is configured, whoever needs to
    /// read an encrypted file is told.
    func opened(_ settings: HadalSettings) async throws -> ModelStore {
        let encrypts = settings.store.encryption
        guard let service = KeyServiceSettings(settings.secrets), try encrypts || needsKeys() else { return self }
        do {
            let keys = try await DataKeys.open(in: settings.data, service: try await service.open(in: settings.data))
            return opened(with: keys, encrypts: encrypts)
        } catch {
            if encrypts { throw error }
            // What is plain does not need them.
            Notes.write("the store's keys are not there: \(error)")
            return self
        }
    }
}
