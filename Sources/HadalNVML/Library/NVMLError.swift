/// Why there are no figures, of a card or of all.
public enum NVMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The system's reason.
    case noLibrary(String)
    /// What was opened is something else.
    case otherLibrary(path: String)
    case noDriver
    /// Versions, where they are known.
    case versionMismatch(library: String?, module: String?)
    case noPermission
    /// The card is not on the bus any more.
    case lost
    case resetRequired
    /// The driver has not answered for so long.
    case silent(seconds: Int)
    /// Anything else, with NVML's name of the function and its words.
    case failed(function: String, words: String)

    init(_ status: NVMLStatus, in function: String, _ library: NVMLLibrary) {
        self =
            switch status {
            case .driverNotLoaded: .noDriver
            case .versionMismatch:
                .versionMismatch(
                    library: library.version, module: KernelModule.version())
            case .noPermission, .operatingSystem: .noPermission
            case .lost: .lost
            case .resetRequired: .resetRequired
            default: .failed(function: function, words: library.words(status))
            }
    }

    public var description: String {
        switch self {
        case .noLibrary(let reason): "NVIDIA's management library cannot be loaded: \(reason)"
        case .otherLibrary(let path): "\(path) is not NVIDIA's management library: it has no nvmlInit_v2"
        case .noDriver: "NVIDIA's kernel module is not loaded"
        case .versionMismatch(let library, let module):
            "NVIDIA's library is of version \(library ?? "unknown"), the loaded kernel module of "
                + "\(module ?? "another"): they must be the same"
        case .noPermission: "this process may not open NVIDIA's devices"
        case .lost: "the card has fallen off the bus"
        case .resetRequired: "the card needs a reset"
        case .silent(let seconds): "the driver has not answered for \(seconds) s"
        case .failed(let function, let words): "\(function): \(words)"
        }
    }

    /// What to do about it.
    public var advice: String {
        switch self {
        case .noLibrary:
            "install NVIDIA's driver; start a container with --gpus all and NVIDIA_DRIVER_CAPABILITIES=compute,utility; "
                + "HADAL_NVML_LIBRARY names a libnvidia-ml.so.1 that lies elsewhere"
        case .otherLibrary: "HADAL_NVML_LIBRARY is to name libnvidia-ml.so.1, or nothing"
        case .noDriver:
            "`sudo modprobe nvidia`; where that fails, `dmesg` says why: not built for this kernel (`dkms autoinstall`), "
                + "not signed for Secure Boot, or nouveau has the card"
        case .versionMismatch:
            "the driver was updated: restart the machine, or end all that uses a GPU and reload the module "
                + "(`sudo rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia && sudo modprobe nvidia`); start containers anew"
        case .noPermission:
            "let the user read and write /dev/nvidiactl and /dev/nvidia0, … (often: the group video); a container needs "
                + "--gpus all, a systemd service no PrivateDevices="
        case .lost:
            "`dmesg | grep Xid` says when (79: fell off the bus). Look after its power, heat and seat, and restart the "
                + "machine; where it comes again, have the card replaced"
        case .resetRequired:
            "end what uses it and `sudo nvidia-smi --gpu-reset -i INDEX`, or restart the machine; `dmesg | grep Xid` "
                + "says why"
        case .silent:
            "`dmesg | grep -e Xid -e NVRM` may say why; most often only a restart of the machine helps"
        case .failed: "`nvidia-smi` should say the same; `dmesg | grep -e Xid -e NVRM` may say why"
        }
    }
}
