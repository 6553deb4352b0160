/// What is tried first: well-known passwords of 12 characters and more. (Shorter ones are refused for their length.)
enum CommonPasswords {
    private static let all: Set<String> = [
        "123456789012", "1234567890123", "12345678901234", "123456789123", "123123123123", "1234567890qwe",
        "1q2w3e4r5t6y", "1q2w3e4r5t6y7u", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "qazwsxedcrfv", "zaq12wsxcde3",
        "qwertyuiop12", "qwertyuiop123", "qwertyuiopasdf", "qwerty123456", "qwerty1234567", "asdfghjkl123",
        "abcdefghijkl", "abcdefg12345", "abcd12345678", "abc123456789", "a1234567890b", "aa1234567890",
        "password1234", "password12345", "password123456", "password@123", "password!123", "passwordpassword",
        "p@ssw0rd1234", "p@ssword1234", "passw0rd1234", "changeme1234", "changemenow1", "letmein12345",
        "letmeinplease", "welcome12345", "welcome@1234", "iloveyou1234", "iloveyouforever", "administrator",
        "administrator1", "admin1234567", "admin@123456", "adminadminadmin", "root12345678", "superuser123",
        "trustno1trustno1", "correcthorsebatterystaple", "correct horse battery staple", "woaini1314520",
        "woaini520131", "5201314woaini", "hadalhadalhadal", "hadal1234567", "deepseek1234", "deepseekdeepseek",
        "spring202612", "company12345", "default12345", "secretsecret",
    ]

    /// - Parameter password: in small letters.
    static func contains(_ password: String) -> Bool { all.contains(password) }
}
