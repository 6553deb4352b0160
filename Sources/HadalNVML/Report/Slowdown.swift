/// Why a card computes more slowly than it could, under the names that `nvidia-smi` has for it.
public enum Slowdown: String, Sendable, Hashable, CaseIterable {
    case applicationsClocks = "applications_clocks_setting"
    case powerCap = "sw_power_cap"
    case hardware = "hw_slowdown"
    case syncBoost = "sync_boost"
    case thermal = "sw_thermal_slowdown"
    case hardwareThermal = "hw_thermal_slowdown"
    case powerBrake = "hw_power_brake_slowdown"
    case displayClock = "display_clock_setting"

    /// Its bit among NVML's clocks event reasons. Bit 0, that there is nothing to do, is no slowdown.
    var bit: UInt64 {
        switch self {
        case .applicationsClocks: 0x2
        case .powerCap: 0x4
        case .hardware: 0x8
        case .syncBoost: 0x10
        case .thermal: 0x20
        case .hardwareThermal: 0x40
        case .powerBrake: 0x80
        case .displayClock: 0x100
        }
    }

    /// Of a fault: of cooling, or of the power supply. Others are somebody's wish.
    public var isFault: Bool { [.thermal, .hardwareThermal, .powerBrake].contains(self) }

    static func all(in bits: UInt64) -> Set<Slowdown> { Set(allCases.filter { bits & $0.bit != 0 }) }
}
