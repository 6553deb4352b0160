import Foundation

/// SHA-256 of the weights in DeepSeek's repositories, as Hugging Face states them (Git LFS), so that a hub or mirror which gives out
/// others is refused. Nobody here has read the files: the lists are from public copies of the repositories' own history and from
/// other people's manifests and cache listings, two independent ones for each but R1, whose list is bound by the commit's name
/// (docs/models.md). Repositories that are not here are checked by what the hub says alone.
struct PublishedDigests: Sendable {
    /// The commit at Hugging Face that has these files.
    let revision: String
    /// Of the number of files in their names.
    private let totalDigits: Int
    /// A line for each file, in the order of their names.
    private let digests: String

    private init(revision: String, totalDigits: Int = 6, digests: String) {
        (self.revision, self.totalDigits, self.digests) = (revision, totalDigits, digests)
    }

    /// By name, in hex.
    var files: [String: String] {
        let digests = digests.split(separator: "\n").map(String.init)
        guard digests.count > 1 else { return ["model.safetensors": digests[0]] }
        let name = "model-%05d-of-%0\(totalDigits)d.safetensors"
        return Dictionary(
            uniqueKeysWithValues: digests.enumerated().map { (String(format: name, $0 + 1, digests.count), $1) })
    }

    /// By repository.
    static let all: [String: PublishedDigests] = [
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B": PublishedDigests(
            revision: "ad9f0ae0864d7fbcd1cd905e3c6c5b069cc8b562",
            digests: """
                58858233513d76b8703e72eed6ce16807b523328188e13329257fb9594462945
                """),
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B": PublishedDigests(
            revision: "916b56a44061fd5cd7d6a8fb632557ed4f724f60",
            digests: """
                8b27be8d43b81d0cd19b3113ef88caf1a61c2fc602de77e3cce97aedcec184b4
                1780a9502f56f592cb4d6262c8c76ca8ad36a86b0257e052c672d87f49707e80
                """),
        "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": PublishedDigests(
            revision: "6a6f4aa4197940add57724a7707d069478df56b1",
            digests: """
                7e6b24744354ef4ba547547cc758339090f46ba2da917845cfc69f7d4ded9edb
                19fb83b79bd0d06d49b7cf6f86b83f5183cd292aa2c028d633ca4fceac1ae742
                """),
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B": PublishedDigests(
            revision: "1df8507178afcc1bef68cd8c393f61a886323761",
            digests: """
                9a080ebff55b277c0e106f19e4496a88b9f5db4059ea0a6b8ea7d9bb3ad4d0ca
                b8bc983706e8db5b270c319be58762f53c6222e0c6cd785c6fd8fd33c2e783e8
                557341a00d5c2a75c24e03961d0e716571517d39c70a040633180d9edcbfe285
                6ba8a9c8251b8f6c6beef7325102665f22b17c1f52ef76eaaa938bfeab1bd18c
                """),
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B": PublishedDigests(
            revision: "711ad2ea6aa40cfca18895e8aca02ab92df1a746",
            digests: """
                52addd84f7e83b6f5b54edfbcd11a9dc71ced13e63967e0e551fcdd071a09cac
                7401ea9ee01963efcae3bc43c34b17546236e30abfb356541e56df7ab2872d9a
                38b7e1968565c4334bae24082c262a337838d6520b590d4d0c3806df060d7a26
                88f4a70419dc6c41779a88416baa0f4bad155e30c23dd8e90502bd98a32c9a49
                45aee647ad5c930eb73896d507f0694b14218616cbe14b3f499eaab0eb5f1558
                bc3c1a143d5b7144a6cf58a1de95981562fe27354edb7bda87433b8da869740e
                bb06d0ea82ab4a42820683158375e979a72bf3e88ebf0eb52080f4dabd9e54b6
                1a6b6f41ddd7d1c07d4fdb9a626f66cb9a0fb3138c7d1116fc528255c6bb2b2b
                """),
        "deepseek-ai/DeepSeek-R1": PublishedDigests(
            revision: "5a56bdbde75a16bdfbf3a8e9c852be3dfcfb8eef",
            digests: """
                c2388e6b127ce6664e35c5e2529c3ce4bfc99f4f7fb6fa48e92b29ed5e4922af
                5f450c75da7eb897b74a092eee65df8bb115fce81cccd2bbaeb220bd97197875
                c79b3418357348d089e88f9de17ac52d7b7a1cfe5dfc7c1b2f1ac1451298b080
                ad5ca32dcb6c50a954bbeac833f767fcfe398b0d05aea63473907322c1a5bed5
                e06768f65df4c19a033253a1994fe7145be9ce28131398ad9f320e3d03e8ab73
                3eb84d165db019a61e5ca4754d3c6c6aa298b88af5a7617b15b0eca42f64e14f
                d6f299f7b410b9a7806927b5d2d413fae1f2c1dfa340bb0037d02d220cd8c080
                da197fe67d243284d133310255e436759ea1eff8c3f2a684da53496a76d11ce2
                dbd2a790cc3d94aa3d13a0301e23de8bb81e0168e100650dbcac36695533e1d3
                137f0f0407290d8d45d1a3f60c67aa10a2a5434e95d8d07eaf82df6f475d8cf8
                47b308ea2f7f7a4a812a28c0a5c75d5f648a08b0c118bd0863fd2f7320e6bc76
                4cda99d04536d50e067c3a2c8c9ead34d307b2002500b1a8b8c7ad4ac85a9061
                33adbb52d544cac90603081e871ff3260ee993c479fd96194716da54cfc57040
                05b19f1bd14644e5e6db24575322d3e74a611f26b71a8021345caf0d9b416fd9
                0484ca365f84ed446f992e3e43eeb4e182a05c8d554be385f1e1535d4d80f4fe
                1a70800c3373608f3b3f8dd4643c9574360896e3dd647acb39f4e794284e6ee6
                bd5abae258a54b0b4ded4f85c272b34a05f968b32dfc46412af8f5775b95ece9
                b5418a2987ad8d4a188592c014fbb107f7605266375c5b29d42b50d449a0a9b0
                69bbd687eafeb7e7d7ff111af3233a10e7c74c459b6d3b466a7d93f6878d4915
                2560e878221496c2326c0538d7898e28b30cec87c70c599b321c4292bac91fe1
                09e6825f850ba74ac9293d8179b3e7ebe3a69a3193fb0a129bf5dcaebf0b6201
                083a0025a915e3eb8077b24abf6d26cbbf60709f308e6eaec4a3121ab368788f
                a10ddf9357a7603dc603fa1bbc4e0e947637f33cb6f2bfc0725a721f93622342
                5f13210eca8ecf63123dce2ebcc9de5833b6d31b47f85970b6e6f7f00997ef78
                d511a1879fd6cdba6823f29af05242e3f46374eec1d957a5b4db01c5d83ebc8c
                0c50460d2ee189e76fc3eb111ef0ecd4d28dd05b5bca619bdd122827fca31e10
                260ad43d8099317e55c97d7931941419d04a45f2169967328dd721104f9ed63d
                1acbd0856de26f397bef297165e6a12d2fd419fdda8237891b0da5c43c27a2a9
                20d3ef472a46a6c7d340476b6ac105c7502ce71d1903022502cc5069c1971792
                ac1d12d32f3a95e111cfd09f0255ed6af2b9237187aef1dcf78230c1f637abdd
                eace4ef31c4ff04f22501b93eb476fd8e0289c749d0dd30c9c510ec520b98055
                ac7f5250660b596b6e3c430c9f0d3139b0e6b7aa1fc08069dc0e3966f08c92bf
                f71549c7a33eaacdff8a2406a82957562404548a7fe5f2130a3573b36dbddef0
                dc52ac9cd64be1135b3ed03df71d9c63af56b62738156b95af65b3400abe781f
                5f4677233a2a36db63ea5fb010dc3a5ef882285f3ceb2c428ba4c1cdae9ed585
                f0b62c567e3c9e0bcf51bcd994d0ed67d5df44c2cadcf407522e445be8ecf6b2
                9d7c8a1c35d1df030c95186eb6acaceebabbef95374de6c8a385c4b87e1895d2
                ea241680b9422782815a20eb1d7a99e37a65260b08a17557e946b9c20219649d
                6dfd35cf8163ebcdd73ee4cc6beacf011b1d00f82b842fc3d914f7230e52800b
                fc4c69c0e91ece15f1a1bc0bf17e1d36c514bbb138c1412a0ced41118d75a052
                333c52631a3de667f9c4a01dd644a9520832ca4a933be7c6ddfdfe6525573c3e
                450f75fd01ff57776f0679d9b3c819be08d7057e265d43dda2c65d4851efd89d
                aab6deabc7117de24a14a81aae0c5ff6e10be064913cc48b21d9a89fa511b45c
                c9d6582f530adcf2c8b864bd9344652fd0bb939360e7c30f6e47bc09986cc576
                938c7306ce56ae407005426e38a246a6ee5ebb9f941230da38d99493ea954831
                e13e11c8bacd5557df1e6f864e7e260283b6a9672f85afd1d97841b63db899b0
                3ae5dc07da78e72f3b8064b53d042081a64755e4dfd792ac13f1615d6f70a86a
                df85e837c8960a00205f57b27edb17278c18beda17ce1ed3acf482ed85076c6d
                207e8af06dfc8b9b2a34554fa4ecc0ef0c6b87d12db7c9dc62eb15ee29f7491b
                7dfd5bcb9a53a0e9d3cdc2b897021c9abc75dfea2d3a8661ba8c38c0283ca7c7
                fe8ba090ec48bff17fe6aec44474d9d3aaa3d1900cc5b878c882bf15f32bd97c
                03945249e7af5cf507e7941917f45a8dadcb3867c2ae9ab8f40197ca0b27335a
                1a764331dbf293390b1987f435a092148946cf95e7e4f784f3911d6130db71d0
                a13688518c528eb3f5728d32105b8e5fb8e3d6f513076309b27734faa150a908
                bb473f1ccda3b70c43e1cba1a55f54ce23d1e22ab855e03cbfa757021ec1f802
                210545cb12fbfaa3f42ddc1ecddaf04ea209bcd539aa60626a8f2437aa267f2c
                3b35f6380a2582fe31ab19767525f63b00797e8d5c1171e31fcd8b9a5fca4748
                28d7ed16f5201e9c55c5ab8937d7303eef22a46e397a135947ef84d6e2d791aa
                6edacb001b24def3874d7f03d97f18da56ef4b7937d81b65d6a15f3729098835
                fef1246c153b46c6382c1a7063fdf17c458d4e68d1abdac87b4fa3be0e0c046b
                f88ba0e9b666fb22e1ef50ec25ed382e35a943ffabe28f493eb81c00880f8541
                009804d0502a2a2eb46e67cd852b8ab2f749503c2d54d851e12a8e45ad188a0e
                9f762a03e4831cc65ba310336cb5101f2506e675bc13f05758e7fa453c1c50ba
                cdbe9c409a1a6f6c2cc58a3598ef9fa2f182726c1597f2672272ce487ae26bb7
                9849c2c30fa0dcc44efa55a45afe9ec65c683bb4c370bbca9d96eb9ae30e6126
                88a3879e8d8928b7b2304246c5f31ecf7ab47ca11ec750b9adb66670f02f9067
                7d4c58f31a14cc0422b6fc983dfe776920a6dd7d5e43ff547b3ed98292274a9a
                910927c6e17d27e8622d8da37db6584c9942e9c2b9f20419305355591a2d3c7c
                bcfacce03108604b61fd2ae2fe4f6e445a04e0bd3334b6370b309badd2c8af76
                276a349ba4ce41d93421c016cea0d5efa6f162047c290737ffc2b184f382c952
                c550537013ea699170cf938e5d579c2cc43c1d3abf4333978a1118b431c9d589
                39f8920d14e948da0fff2c7ff38e56a7f2e9e546b335b28e94578512314e3700
                960e55ecc0624c4cca92659ef01270c5713092df9f8eb6b1240f81f4584dfad5
                3fcd1a5bf85dd5f4e7aec823e69ae65c0c586b9d70229b3e893b3dfae1d087bb
                66e03af200bf1902dd72a44b8b806ace9c03cf76b03f7fd34b227e5d1ad06273
                43cfb5095eb8d00d043186d192efa09dc79cd4e7b8017deb00c7a4c00de9d82b
                1411532f8eab4dec6efe251cfdf83e8367221062b90c209bb2e1353f92d40b27
                f8ad3219d64a3e9c7cb5ce15dba761f4c25bf15cd1f3a4f5d500abf19d0187c0
                1d74c9e9383be2f47b735a3fe604e98c3163e14a2492790a3f8b0e25af6181b1
                edfb4c02a4a6486a8ce7c96115f4bf03151500cb4e6c9f56b0388357b6fe3547
                9b1e9d08aba3eb055a97cebdf4dfa03200bb06a4eb79fcb0943ad59a523b5844
                d8c4620641dd1b6cd48d42c9e9603adafd7b620146607dc731cb73a744df67aa
                c273f728b6c90fa4cb4d420ce030e4b07972a8bc52996a69deac47334d04b5e9
                424e18ad35dfc53f392d60109f8cd5cbd420e94ebaf43e304be157215442f6b9
                b1690a7567a686b355d1c810193b3ab0b5d82648bb93194e9043b30274d1d24b
                e65eb5913f33530c02b142f215de8e0583b1392aa242c5681fc99a2f32a0243f
                2dc4e3d4751f687a087547faab88658d83c5e164337dee28858f3f2c0242c0d9
                54940d6614221461f951080d2fcf34b85e9bf325138903588e1fd4ac964963ff
                38e2520475fd10ab74587d481f0e0fe71909f428a1118e132b4a6600a9f68407
                ee933f59ddd234abc6d13968e04d00f824508fab76749b813a69fe8239356246
                4bacfdad2f2cf0230ab890e88de8a39082986edd10a9feb67be1ed086683a8d0
                74fd6b1a280b6e8cb8560dafee0fff8955b311aa43cc15c42f96269350066cb8
                714adb4ffc41739e67d7913131f3f2cdcf2d2eaae6fe08b51f312cd38a33099e
                b3bcdaa226ac620afc7cb51d4f7b3ff1043ed5697b60349af85e2830607a8693
                1e0ad4783bf46b8698c650ba08713e1a9077e2894bcc039f703c5ac4a0a2a1f1
                dac3287c0ab7d0c4e33d7acb78c5e472fcaae3bc8f952337d4e7d898142a13cd
                17bd26dc53c5f3855432b6169324cc30ce4c6fbb1ffa045a690774e92cb18a3e
                0c1ccb0c95ec399cab9920c9ffe4206f684819a8ecbe69ab7316e3619fa14c90
                aa3fe3e6fb2e54f9540d62fae524a3986ac0bdbde8caa89057b691bb47f43606
                300556119da43604b27f63ef8cf38d9805fdfa7014648b41583a01d13da44039
                d3c4705db6287dd9eeca891c6ef8ab18fa8c1b7a4b15b30f7a789174affe02bf
                945d2f833dfcdfb0fe99c97e3c5eb62ee1c53f5afed771e403e24ffa000118bb
                db5d341e101aa225d0f34d907e94b58df727f555fa527806f5c8769e85d89186
                0d77661790144797227dcee08148e4b90acf72875eedd391088f27a4c24e9156
                f1466e6a5fd872423c7ea902903142e9b6abb0d3d4c2aba311101e905636df88
                84f318ee430b731ebe2722e026413e8f70002af2fbee5f60003647fa47b20518
                6b37a206419d5a14b2212085e075997662a922338c95404128bd40d5ba6ce090
                6b6e4d2332183e0fa8d72ac930551038bb8c971a1a7b38abf80211ddc32cc341
                4d67e9fd9d13f05bb9613434b4090408eb203b4d985aec0e2ea9ef489928fe25
                5a42f528fabf1a31f3723a9d26f9bbe4e6de2af520f2894f23316ee0f6856464
                1eff3d3853efd53477d2cc40a23bb7b0a156056fd94fdb32fe6ee0e5949349b7
                0fe9b6e8662d8c8fa2b1dd80093e028ea2dc3c892ec78d782a34bd790c7b3eb2
                8c1b3e7e97cb12408da630027eb04ebae01a3f633a504b5857234909da755727
                dddf3e5c7d5d2866ba7b9b2133a9bc2e4e265c56b2c246b02e4ab7b78bea6fcc
                13368ae6cba0d0e524c030cbbcea9279cbb5836c92e9121634720f3a00f72fc3
                3e933d3d9c42febc9a58abb187827fa2a511795528e7f7dfb2a5a8fcaee908a5
                f74cdd2b27991894044d600c33f215ea5f48ac05c068cba71e64b7b445c8ea7b
                8e27a9cb1d1c2490f6fc903fe3f4e164990ed08941c246c935bc4c35215ac1a3
                a46e4aa463dbdb40d8d1bb3607ff2bb4064b107a15dc78c023eb7697b3328054
                af132a07e3e8b6eb23390ac79367c53c18d7f61c7cb314e0b73af0fa22577f31
                b5cf7a403d8490cb650dc9f604d03a0c01de64cefb7fef14139ab6fcefd6cb63
                7337345a219a07647eb751e18d0f250627dfe186cbf43c576e2c2b93aa448bf0
                d50d3129ef6f4f80f89498f0ba426c373fda04a204a40d90a603e1e950734653
                6f207cfa394faf3ab78abc9eaa30109bc8d56b2bd7c0b7d96ce11d8271758cbb
                222ef3a2c582340b88e95e7ebc8d55e7d1c26edaef0aaae85e76bbb1ab28a2da
                2f6ba5a5471da07f597497d6caf7fee6b8056a501b3e6da55ff3dd1c9ad63e6b
                42cde7a7cc2541190c025b315960e99ba32215143bc71bc072bde75deaca37f1
                98fba66ba204f84cea9d86120f9223a1b015be8d395f6c47059ffb6aece2225a
                3379b2eec5c2945160b5221f534538a99b10a1b59655910a452e6ca6ac2dd549
                4ef03f44980f47c77de9722ff3d2bef8e87df9791b2d801acaa23b4506df3817
                0199456e2b1a8de161b4ede2f61b41a639486da4a250194f6b7b83f662f931d2
                962b8f44e5f2798b88283647cb3aea8c04a3149bcee1f37db3b1ff4ac4c0b796
                4b6729c4e6553215eefab6eb536b84339f66466c7dab22ad4189746a5f009d81
                1b3b36d497b9e23b9a4a3626164384639e776dd79acdec24d687d0e129074b07
                d29025efeda5a4a8285fd3ec22374ba714275d215b1a3742edebfa07d2e55f95
                2a8117c3aa7599d0b107ab2922e45c7ecb7cfd79fd8ca2dad1af6f6c723acb2c
                3e13e0244f29487308a0ae4eb18b4580af4aea1092e3ebf610d271aeafd5c7d9
                a18aa50aebf71e579f3ca9d680fa3bc15cf677b5f9b6c1a52611c83cee47b548
                9728520094bf9026e76ce53820b5220ad0c3e3ffdcbea67ca2d6878d3027530a
                11418dfbacad526764572b6c753eef1c08472999086b6ea063754d9d73241c60
                dd1c282ddba12c984f18b60915516af5ef1de35521b3165b1991c121d7861288
                89790f24021d45a1ab840d0b75bc4c76858c52783ac7767f65f6da7b4e6f1645
                ff5a31006f8d1e61b119fcb92af8e40ae326277506ed7c7eeff25436df14c578
                b76fd57f1662890c904313d4d448254d864d8b5325ae76ab21ba6b4f50fa0278
                e1738a3c47df29e8bed542dcba85a3943add170e1afd10a255fb89dea1efb0f9
                981ed532393ecf1a2120f6af638a9458662f4d6e2d3183e263ea97a0b3bf47bd
                e5f87a816f138ca75312cb4b5307b147c1e2c791ca5ae1724517847c18fcb144
                6b47933264ddc95aaa64e328826a286612996259e8a84e67d5793d85e3a5189a
                22a2f518d7bc6803e4dd0c652b6023b3831d68632a0caae6d9c792efbcf3f547
                4b4ca747261d55cb526afc6d8298b26b333b9738eb16cfee4fcf09e70970145b
                8a7c9787942c5e65063e12ae5b8944587186155394bcc4cf5e99a5a90a90b532
                e6adb0bb80711fecb36417763b4c4be2302b26beb1abc42e1b90cdf6db822fb8
                fe3867b4e2463f48999878c93510838515661358384e20f85f5f64babbe1164c
                78fdc257544f6dff8b35bf9b79ad2a6e01355767ddbb472138139ab9305c90f6
                834632439e8855bdae240382455809b650c470f25984d1b9f10774b3a6a57162
                4beb34c5173fee4ca8abb6136160c10877842134f11232b5f414ce27dabff174
                c313d28a29f8096e2e7ae1ebf2c0656e9c2ca49a85ddd74632aee7a00b53b765
                f0448fba1ddb4f7fb75caa110cc1ea488767a8c4ffb7745417ee6345b34e842b
                77a6ec3076e549816a5f39f87c0369c539c2c1e066675b3f53b5e0f485ba5507
                f621991fbc9ce0a4e2d4a7348f3575185197335a7cb24b0aeb4941ddfcebd54e
                e1e75d7f80863220bb695da847bf3c7946f6646736bda827244bbaeb65776b27
                53e717e22e28af1012bbc5c57e28ffa4e6ca8bec2a4e21d91955c25a830f2464
                913177d9e0dfb228769e0a13a386c34b919dcbb32a430ce230979f53bf7ae5bc
                """),
        "deepseek-ai/DeepSeek-V4-Flash": PublishedDigests(
            revision: "60d8d70770c6776ff598c94bb586a859a38244f1",
            totalDigits: 5,
            digests: """
                5176586613905d4beaadbaea1cfecd1693e17f9da4a0ea09d99aab7d3f2f5b7c
                f04048189d3b472b26d7d02331edd0412e85b184725041c978fdce793a286a0d
                df5f80b9b4ca54edf7bda4e640a1b0d1bb95d5995843198dfcce2af0bfc4cb35
                948250b46a6f92df92ef093ab2d0023c31f924232846a84affe84fa3c7794f5c
                9fda158bc636215aea4f6834821c81f59eea3733223c874ab66b9f3d6740c4c1
                51a65e6d9d0ccb70013e25ae70a50b177af8f97e59ac798c2d0ed5ebb169fe7a
                2d782c46d6d293189e01ed13ea108de355fd32a9902cea77b264dfc9c4f10c42
                b7d9d8d8932e12ea113f2e83ff412fc1d6b663acedf7f34bbe2bfff41a71c595
                3197a42d282a8368d4286d11aed52d7fee7928d7950fee4dc18d5154b8111060
                c9cef4200444326f8d802bc1bb5be7c1d15af4bfdec0426db7e841a7bd516a28
                916b0b34b713c51dc7a83935ccd9e07c4af017ddfcc5feaeec8faa26f1263f89
                05739c7d91a302f41a4627587982016a6cc874f875a3ea299d1f2e1dcea5cbb6
                47c5e416b60b9bef9e9005cdad9c991a306ab2dd25a95e1994dda30bd4011905
                c881e2671ab45428d824197f174d64fb4403b9530451cb1b0b3899881ab34b7e
                cb3daae8e465c5b49f2b439c045971e96cd658fda152882605e9717573d4c8f5
                9eba661fba3162a8a051b0283ad3c11c7c17b33d99684e7029ddf732494bd069
                0c36cbc026c5067164cb506ac6522078478feb539fef264289ef70f1d1688f54
                1298a07452a409ddbcc5172a4f57a011193bea4f16a6a964c3dd8531cbc06b49
                d3687748aff78adf42b2bbf7469b8df92e1e3e5dcd90c1c050c8fac62d1fe77a
                906c652f3c36b510689c2637ebe5172865cc6ccc17515b9fc70ee9e048e7c5af
                f270bf4d0f0067165020baf3c11264a177182918c1ebeec21d2bf33166b44592
                d02261b8f1c8d697bac4b23ec9a8423096fb1a1edf923ed1c2faea6cebdb05e8
                69fab8bfa1cdfd819382cdef5923dcf10d81879aceb0dc0950be45a6d45771f2
                baba23c06a7b80e108334eb9fe30349de851e822e9b72df756614ae6b5088dbf
                085b7736ebe3d69574930187f8b213f84b35b36852f0a505067f8755e8b11c89
                fdde6791ab713c93cb256d05d9560d5ecfd2b913563658b62d32af9a17a91546
                2f207b9aef9c56e38f73234e9c5c118c1898676c8ab83d2be0dd410fb196bd01
                2cc519b5a03a30d45717ffb8408a4f833f3a94f70e35a1de38e95a0ffcdc152e
                d10bf34c789f9294d2cc50b695d259dc1d0d5b2303105329be370eb55f0fd882
                0f1c471fa9d9d3612c94039e9efb2a60f367782918f236e95c45ab3fe36c166c
                beafa59d64fae3a5c636be4b2a08956d8d5abaf70856a4a5adb70a200011e43e
                5c6b2934d87ada60493e201652d72075c56ce608091a3d395f3d8e31b6ce036a
                c05f917e873d2da0513385c3c30758d29b4b9d244ffde2a5258ae2e6745f23da
                666b77201ec6946fb1f299f2ebcb462bce53575a97a91fb30db806bbcd099100
                5e6b9a54fd149ea4908f81cdffd6b09701d9c98e5e7041bb5bd00c6d5c85623f
                ab72ad9d171fc0867350948e5091878b3c2445a5cfb8a83dd8c25d4272628107
                93d68bcfc36fdf239f901653c0e96c5d45d8fce4f5be633bbbf93cc75067ec5d
                809fb799edcf1d9b4511dea68a1ea35c5fc03858e0611a0010913f1c84e66efe
                49dba248917454c0a8ac90cc5a012fee625fea6672ae55c40d32a5922a29dd91
                09a7b8b6957ff3426d7461dd49a158f4576c0277ab18b78a881094aef29ba84b
                a564ac6c6cc7514beadb2e1d9d1fc2baeed5e680ba1b75cd9afc7a50fb90ee85
                bd3f5b898b041559a534c81a2f9bb53a8f9744ee8db37ed11b3a5c9fcf848882
                85a414c7991c1276e8db780f6a4390ac25b8f2c7fdb3551831993adb9db69430
                438b052b8a2d650939e63704f55f1352b946152ba6633cb256c3864ef21d2f62
                9a0fd242134e9ebe4e6993a7631692944838e4fdf20067b3219caa48eab68045
                f58f722893a6148216a2155cee4a57fe691cea4d3b323135c433a936b932055d
                """),
    ]
}
