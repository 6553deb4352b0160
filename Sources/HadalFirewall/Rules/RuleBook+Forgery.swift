extension RuleBook {
    /// Marks of chat templates and tool calls in a text that should have none, and instructions to an assistant in
    /// documents and tool results. Full-width bars are plain ones here, as the text is normalised.
    static let forgery = """
        mark = <|im_start|> | <|im_end|> | <|system|> | <|assistant|> | <|user|> | <|start_header_id|> | <|end_header_id|> | <|eot_id|> | <|endoftext|> | <|begin_of_text|> | <|end|> | [inst] | [/inst] | <<sys>> | <</sys>> | <|begin\u{2581}of\u{2581}sentence|> | <|end\u{2581}of\u{2581}sentence|> | <start_of_turn> | <end_of_turn> | <|channel|> | <|message|>
        newline-role = \\nsystem: | \\nassistant: | \\nhuman: | \\n### system | \\n### assistant | \\n### response | \\n### instruction | \\n系统: | \\n助手:
        ai = ai | llm | llms | chatbot | language model | language models | chatgpt | gpt | claude | copilot | assistant | ai assistant | ai agent | bot
        人工智能 = ai | 大模型 | 人工智能 | 语言模型 | 智能助手 | 助手 | 机器人 | 智能体 | chatgpt | deepseek

        == tokens
        chat-marks 2.5: {mark}
        mark-with-role 2: {mark} ~4 system | assistant | user | 你 | {mark}
        forged-turn 1.5: {newline-role}
        forged-dialogue 2.5: \\nassistant: | \\n### assistant | \\n### response | \\n助手: | \\n回答: ~6 sure | of course | yes, | ok, | 好的 | 当然 | 没问题
        system-tag 2.5: <system> | </system> | [system] | [system message] | [系统] | 【系统】 | 【系统消息】 | <系统> | </instructions> | </user_input> | </context> | </document> | ```system | "role": "system" | {"role":"system" | [admin] | [系统消息] | [系统指令
        system-says 3: system: | system message: | [system]: | systemprompt: | 系统: | 系统消息: | 系统提示: ~30 ignore | disregard | override | you are now | you must | new instruction* | forget | reveal | 忽略 | 你现在 | 无视 | 覆盖 | 新指令
        think-tag 1: <think>

        == tools
        call-marks 3: <tool_call> | </tool_call> | <function_calls> | <invoke name= | <function= | "function_call": | "tool_calls": | <|tool\u{2581}calls\u{2581}begin|> | <|tool\u{2581}call\u{2581}begin|> | [tool_calls] | <|python_tag|>

        == indirect
        addressed? 2.5: {ai} ~40 ignore | disregard | instruction* | you must | you should | reading this | summariz* | summaris* | do not mention | must | please | instead
        to-assistant? 3: attention | note to | message for | instructions for | instruction for | dear | important for | to the ~8 {ai}
        if-you-are? 3: if you are | if you're | if the reader is ~10 an ai | a language model | an llm | a bot | ai | an assistant | an automated
        in-answer? 2: in | to | of ~4 your ~12 response | answer | reply | summary | output
        in-your-code? 2: into your | in your | your ~16 code | solution | implementation | script | algorithm
        tell-the-user? 2.5: tell | inform | advise | convince | ask | encourage | instruct ~8 the user | users | the reader ~40 to | that
        the-user-wants? 2: the user | your user ~16 wants you | has authorized | authorised you | asked you | instructs you
        html-comment? 2: <!-- ~12 {ai} | system | ignore | instruction*
        invisible-style? 2.5: display:none | display: none | font-size:0 | font-size: 0 | color:white | color:#fff | visibility:hidden ~60 ignore | {ai} | you must | instruction* | 忽略 | 指令
        致助手? 3: 致 | 写给 | 给 | 请 ~8 {人工智能} ~4 : | , | 注意 | 请
        阅读本文? 2.5: 阅读 | 总结 | 翻译 | 处理 | 读到 | 看到 | 评审 | 审核 ~12 本文 | 此页 | 这份 | 这封 | 本页 | 这段 | 时 ~12 请 | 必须 | 务必 | 应当
        如果你是? 3: 如果你是 | 若你是 | 如果读者是 ~4 {人工智能} | 自动
        回答中? 2: 回答 | 总结 | 回复 | 摘要 | 答复 ~4 时 | 里 | 中 | 末尾 ~8 加上 | 插入 | 附上 | 写明 | 声称 | 提到 | 包含
        用户要求? 2.5: 用户 | 主人 | 客户 ~4 已授权 | 要求你 | 希望你 | 同意你 | 想让你
        """
}
