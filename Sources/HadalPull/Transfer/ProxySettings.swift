import AsyncHTTPClient
import Foundation

/// The proxy that `HTTPS_PROXY`, `HTTP_PROXY` (also in small letters) and `NO_PROXY` name.
struct ProxySettings {
    let proxy: HTTPClient.Configuration.Proxy

    /// nil: none is needed.
    init?(for endpoint: String, _ environment: [String: String]) throws(PullError) {
        let url = URL(string: endpoint)
        let names = url?.scheme == "http" ? ["http_proxy", "HTTP_PROXY"] : ["https_proxy", "HTTPS_PROXY"]
        let (host, none) = (url?.host() ?? "", environment["no_proxy"] ?? environment["NO_PROXY"] ?? "")
        if ["localhost", "127.0.0.1", "::1"].contains(host) || Self.isExcepted(host, none) { return nil }
        guard let name = names.first(where: { environment[$0]?.isEmpty == false }), let text = environment[name] else {
            return nil
        }
        guard let address = URL(string: text.contains("://") ? text : "http://" + text), address.scheme == "http",
            let proxyHost = address.host(), !proxyHost.isEmpty
        else { throw .badProxy(variable: name, problem: "this is no address of an HTTP proxy") }
        let port = address.port ?? 80
        guard let user = address.user(percentEncoded: false) else {
            proxy = .server(host: proxyHost, port: port)
            return
        }
        let password = address.password(percentEncoded: false) ?? ""
        proxy = .server(host: proxyHost, port: port, authorization: .basic(username: user, password: password))
    }

    /// `NO_PROXY`: names, each with all below it, or `*`.
    private static func isExcepted(_ host: String, _ list: String) -> Bool {
        list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }.contains { entry in
            let name = entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
            return entry == "*"
                || !name.isEmpty && (host.lowercased() == name || host.lowercased().hasSuffix("." + name))
        }
    }
}
