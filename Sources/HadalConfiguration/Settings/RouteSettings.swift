import HadalJSON
import HadalRouting

extension ValueType<JSON> {
    /// A list of routes, as it stands in the file: `RouteTable.load` reads and checks it.
    static var routes: ValueType {
        let example =
            "[{alias: chat, rules: [{name: long, when: {prompt_tokens: {above: 8000}}, use: large}], default: small}]"
        return ValueType(
            name: "list of routes", example: example, form: .structure,
            read: { node, path, reading in
                guard case .list = node.content else {
                    reading.report(expecting: "list of routes", example, node, path)
                    return nil
                }
                reading.forget(below: path)
                return node.json(at: path, &reading)
            }, json: { $0 })
    }
}

extension YAMLNode {
    /// The same as JSON, each value by its text. Notes where everything in it was said.
    fileprivate func json(at path: String, _ reading: inout Reading) -> JSON {
        reading.sources[path] = source
        switch content {
        case .text where isEmpty: return .null
        case .text(let text, _): return .string(text)
        case .list(let items):
            return .array(items.enumerated().map { index, item in item.json(at: "\(path)[\(index)]", &reading) })
        case .map(let members):
            return .object(
                JSON.Object(
                    members.map { member in
                        let path = SettingPath.join(path, member.key)
                        let value = member.value.json(at: path, &reading)
                        reading.sources[path] = member.source
                        return (member.key, value)
                    }))
        }
    }
}

extension HadalSettings {
    /// Tells what is wrong with the routes. Which models there are is known only where the configuration names them:
    /// the command line may name others.
    func checkRoutes(_ findings: inout Findings) {
        let names = models.isEmpty ? nil : Set(models.compactMap(\.servedName) + deployments.map(\.name))
        do throws(RouteTableError) { _ = try RouteTable.load(routes, targets: names) } catch {
            for problem in error.problems { findings.add(problem.field, problem.problem, problem.advice) }
        }
    }
}
