import Foundation

/// A card of NVIDIA as it is on the PCI bus, with a driver or without.
public struct PCICard: Sendable, Hashable {
    /// `0000:41:00.0`
    public let bus: String
    /// `nvidia`, `nouveau`, `vfio-pci`; nil: none has it.
    public let driver: String?

    /// - Parameter directory: the kernel's, or one like it.
    public static func all(_ directory: String = "/sys/bus/pci/devices") -> [PCICard] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.sorted().compactMap { name in
            func line(_ file: String) -> Substring? {
                (try? String(contentsOfFile: "\(directory)/\(name)/\(file)", encoding: .utf8))?
                    .split(separator: "\n").first
            }
            // NVIDIA's number, and the class of what draws or computes.
            guard line("vendor") == "0x10de", line("class")?.hasPrefix("0x03") == true else { return nil }
            let driver = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\(name)/driver")
            return PCICard(bus: name, driver: driver.map { URL(fileURLWithPath: $0).lastPathComponent })
        }
    }

    /// What to do where another driver than NVIDIA's has the card; nil: nothing.
    public var advice: String? {
        switch driver {
        case "nouveau":
            "nouveau has the card: install NVIDIA's driver, write `blacklist nouveau` into a file in /etc/modprobe.d, "
                + "`sudo update-initramfs -u`, and restart the machine"
        case "vfio-pci": "the card is kept for a virtual machine (vfio-pci): only there it can be used"
        default: nil
        }
    }
}
