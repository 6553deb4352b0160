import Foundation
import HadalAccess
import HadalHTTP
import HadalJSON
import HadalReleases
import HadalWire
import Hummingbird

/// What becomes of answers, for those who decide between versions.
extension Observation {
    private static let labelsMax = 10_000

    /// `{"request": …, "metric": …, "value": true | 4.5}`, and where the server does not know the request (any more)
    /// `version`, `subject`, and `alias` or, of a rollout that has ended, `rollout`. Who asked says it of their own
    /// answers, who manages releases of all.
    func giveFeedback(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let releases = try known()
        guard var object = call.body?.object else { throw WireError.wrongType(field: "body", expected: "an object") }
        let principal = requester.principal
        let answer = object["request"]?.string.flatMap(releases.observer.answered.answer)
        let isOwn = answer.map { $0.asker == principal.userID ?? principal.id } ?? false
        try call.administration.checkMayLook(
            isOwn ? .useModels : .manageReleases, at: "feedback.give", by: requester)
        let place: (alias: String, rollout: Int64?)
        if let answer {
            // What is known is not to be said otherwise.
            place = (answer.version.alias, answer.rollout)
            object["version"] = .int(Int64(answer.version.number))
            object["subject"] = .string(answer.subject)
        } else {
            place = try self.place(of: object, releases.store)
        }
        object["alias"] = nil
        object["rollout"] = nil
        let feedback = try ReleaseShapes.feedback(.object(object), now: Date())
        let rollout = try await releases.controller.give(feedback, to: place.alias, rollout: place.rollout)
        return HTTPReply.json([
            "alias": .string(place.alias), "version": .int(Int64(feedback.version)), "rollout": .int(rollout.id),
        ])
    }

    /// Which deployment's answer a feedback says it is about, and which rollout's.
    private func place(of feedback: JSON.Object, _ store: ReleaseStore) throws -> (alias: String, rollout: Int64?) {
        let alias = feedback["alias"]?.string
        if let named = feedback["rollout"], !named.isNull {
            guard let id = named.int.map({ Int64($0) }) else {
                throw WireError.wrongType(field: "rollout", expected: "a rollout's number")
            }
            return (try alias ?? store.rollout(id).alias, id)
        }
        guard let alias else {
            throw ErrorObject.invalidRequest(
                "the request is not among the last that versions answered; give alias (or rollout), version and "
                    + "subject as well", field: "request", code: "not_found", status: 404)
        }
        return (alias, nil)
    }

    /// What versions answered on a set whose right answers are known:
    /// `{"answers": [{"case": …, "version": …, "actual": …, "predicted": …}, …]}`; all of it or nothing.
    func labelRelease(_ requester: Requester, _ call: AdministrationCall) async throws -> Response {
        try call.checkQuery()
        let releases = try known()
        let id = try call.rollout()
        var fields = try call.fields()
        guard let elements = try fields.array("answers", limit: Self.labelsMax), !elements.isEmpty else {
            throw WireError.missing(field: "answers")
        }
        try fields.finish()
        let answers = try elements.enumerated().map { index, json in
            var element = try FieldReader(json, at: "answers[\(index)]")
            let answer = LabelledAnswer(
                version: try element.int("version", in: 1...Int.max) ?? 0, item: try element.requiredString("case"),
                actual: try element.requiredString("actual"), predicted: try element.requiredString("predicted"))
            try element.finish()
            return answer
        }
        try await call.administration.recorded(
            "releases.label", target: "rollout:\(id)", .manageReleases, by: requester
        ) {
            try await releases.controller.label(answers, rollout: id)
        }
        return HTTPReply.json(["answers": .int(Int64(answers.count))])
    }
}
