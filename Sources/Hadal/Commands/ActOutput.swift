import ArgumentParser
import HadalJSON

/// What an act tells: in words, or all that the server answered.
struct ActOutput: ParsableArguments {
    @Flag(help: "Write the server's answer as JSON.") var json = false

    func tell(_ answer: JSON, _ words: @autoclosure () -> String) { print(json ? answer.text : words()) }
}
