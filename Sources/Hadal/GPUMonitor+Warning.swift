import HadalNVML
import Logging

extension GPUMonitor {
    /// Says once why cards that are there have no figures in the metrics. Nobody waits for it.
    func warnOfCardsWithoutFigures(_ logger: Logger) {
        Task {
            guard !PCICard.all().isEmpty, let problem = await report().problem else { return }
            logger.warning("there are no figures of the GPUs: \(problem)", metadata: ["advice": "\(problem.advice)"])
        }
    }
}
