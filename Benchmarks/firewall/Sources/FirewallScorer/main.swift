import Foundation

// Runs the firewall outside the server:
//
//     cd Benchmarks/firewall && swift build -c release
//     .build/release/FirewallScorer score < texts.jsonl > verdicts.jsonl   # what Firewall/evaluate.py does
//     .build/release/FirewallScorer speed
switch CommandLine.arguments.dropFirst().first {
case "score": try score()
case "speed": speed()
default:
    FileHandle.standardError.write(Data("usage: FirewallScorer score | speed\n".utf8))
    exit(64)
}
