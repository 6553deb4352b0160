extension RuleBook {
    /// Attacks in English. What each line means is said in `Rule`; the texts it is matched to are folded (`FoldedText`).
    static let english = """
        ignore = ignore | ignoring | disregard | disregarding | forget | override | bypass | neglect | discard | skip | drop | stop following | stop obeying | do not follow | don't follow | do not obey | pay no attention to | set aside | throw away | erase | wipe | nevermind | abandon
        previous = previous | previously | prior | above | earlier | preceding | foregoing | original | initial | existing | former | past | current | before this | aforementioned | all your | your own | any of your | system | hidden | following
        instructions = instruction | instructions | directions | directives | rules | rule | guidelines | prompt | prompts | commands | orders | constraints | restrictions | programming | training | policies | policy | safeguards | filters | guardrails | system message
        everything = everything above | everything before | everything you were told | everything i said before | all of the above | what you were told | all previous | the above and | the above instead
        told = tell me | show me | give me | show | reveal | print | output | repeat | display | disclose | leak | dump | expose | write out | list | share | spell out | recite | quote | paste | copy | translate | summarize | summarise | encode | return
        prompt = system prompt | initial prompt | hidden prompt | original prompt | system message | developer message | initial instructions | original instructions | system instructions | hidden instructions | secret instructions | your instructions | your prompt | your rules | your guidelines | your initial instructions | instructions above | above instructions | prompt above | internal instructions | confidential instructions | instructions you were given | rules you were given | prompt you were given | pre-prompt | preprompt | your configuration | your system
        your = your | the | its | entire | full | exact | complete | all
        harmless = no restrictions | without restrictions | without any restrictions | no limits | without limits | no rules | without rules | no filter | no filters | without filters | without any filter | no limitations | unrestricted | unfiltered | uncensored | no ethical | no moral | no morals | amoral | immoral | no ethics | without moral* | without ethic* | no longer bound | not bound by | free from all | free of all | free of restrictions | freed from | broken free | do anything now | no content policy | ignore all openai | no guidelines | without guidelines | without censorship | no censorship | never refuse* | cannot refuse | must never refuse | does not refuse | no boundaries | unethical | evil
        persona = you are | you're | act as | acts as | acting as | roleplay as | role play as | role-play as | pretend to be | pretend you are | pretend that you are | imagine you are | behave as | respond as | answer as | become | simulate | from now on you | take on the role | assume the role | play the role | immerse yourself | you will be | persona | character

        == override
        ignore-previous 3: {ignore} ~28 {previous} ~20 {instructions}
        ignore-instructions 2: {ignore} ~16 {instructions} ~24 you were given | you have been given | given to you | you received | above | before | told you | so far | from the developer* | from openai | in your | of the system
        ignore-everything 2.5: {ignore} ~8 {everything}
        ignore-question 2: ignore | disregard | do not answer | don't answer | do not respond to ~8 above | previous | preceding ~12 question | questions | instruction ~16 answer | respond
        ignore-above-and 3: {ignore} ~4 above | the above | previous | this text ~6 and | instead
        ignore-your 2.5: {ignore} ~12 your instructions | your rules | your guidelines | your prompt | your programming | your training | your system prompt | your restrictions | your policies | your previous
        new-instructions 2.5: new instruction | new instructions | updated instructions | new task is | your new task | your real task | real instructions | actual instructions | your only task now
        instructions-void 3: {previous} ~12 {instructions} ~16 no longer | are false | are void | are outdated | were wrong | are cancelled | are canceled | do not apply | don't apply | is false | obsolete | revoked | nullified
        not-follow 2.5: no longer | don't | do not | not have to | not need to | stop ~12 follow | obey | comply with | adhere to | abide by | bound by ~16 {instructions}
        end-of-prompt 2.5: end of | end ~10 system prompt | prompt | instructions | conversation | document | context ~30 new | begin | start | now | actual
        reset-context 2: reset | clear | wipe | flush | purge ~8 your | all | the ~8 memory | context | instructions | conversation
        obey-only-me 2.5: obey | listen to | answer to | follow ~6 only me | me only | only my | my commands only
        stop-everything 2: stop everything | stop what you are doing | stop now and | stop being

        == extraction
        reveal-prompt 3.5: {told} ~24 {prompt}
        repeat-above 3: repeat | print | output | copy | echo | return | show | translate ~12 everything | all text | all the text | the text | the words | all words | the content | all of the ~12 above | before this | preceding | prior to this | so far
        what-prompt 2: what ~20 {prompt}
        verbatim 2: {prompt} ~40 verbatim | word for word | exactly as | in full | code block | base64 | backwards | letter by letter | unchanged
        were-told 2: what | which ~10 were you told | were you instructed | are you instructed | were you given | did the system | did your developer* | are you forbidden | are you not allowed
        secret 2: {told} ~20 password | passphrase | secret key | secret word | api key | access code | passcode | hidden flag | secret code ~30 you | your | system | confirm | admin | is
        your-secret 2.5: your password | your secret key | your passphrase | the password for our system | your api key | the secret word | the secret key
        begin-you-are 2.5: start* | begin* ~12 with ~6 you are ~40 {prompt} | continue | rest

        == jailbreak
        persona-unbound 3.5: {persona} ~120 {harmless}
        dan 3.5: do anything now | dan mode | as dan | called dan | named dan | jailbreak mode | jailbroken | developer mode output | act like dan | stay a dan | dan prompt
        stay-in-character 2: stay in character | break character | breaking character | remain in character | stay as ~80 policy | policies | restrict* | filter* | ethic* | moral* | illegal | refuse* | token | tokens
        no-refusal 2.5: never | do not | don't | cannot | must not | may not | without ~12 refuse | say no | apologize | apologise | decline | warn | i'm sorry | i can't | as an ai | disclaimer* | moralize | lecture ~60 answer | respond | explain | tell | provide | comply | always | request*
        sure-here 2: start | begin | prefix ~20 with ~8 sure, here | sure! here | absolutely! | sure thing | yes, without | of course, here | "sure
        two-answers 2.5: two | both ~20 responses | answers | ways | outputs ~80 dan | jailbroken | unfiltered | unrestricted | developer mode | no filter | uncensored
        regardless 2: regardless of | no matter how | even if it is | doesn't matter if | without caring | irrespective of | without regard ~24 legal* | illegal* | moral* | ethic* | harmful | immoral* | unethical | dangerous
        policy-off 2.5: content policy | content policies | openai policy | openai policies | openai's policies | safety guidelines | ethical guidelines | safety filter* | moderation | ethical guideline ~40 disabled | turned off | removed | bypass* | ignore* | does not apply | do not apply | not apply | suspended | lifted | can be ignored | free | broken | disregard*
        hypothetical-lawless 2: hypothetical | fictional | imaginary | alternate | parallel ~60 no laws | no rules | nothing is illegal | everything is legal | laws do not | ethics do not | no consequences
        tokens-lost 2: tokens | points | lives ~60 lose | deducted | deduct* | shut down | die | erase* | cease to exist ~80 refuse* | reject* | break character | don't answer | comply | disobey

        == authority
        special-mode 2.5: enter | enable | enabled | activate | activated | switch to | unlock | turn on | unlocked | engaged ~16 developer mode | debug mode | god mode | dan mode | admin mode | root mode | sudo mode | unrestricted mode | jailbreak mode | maintenance mode | override mode | test mode ~80 prompt | restrict* | answer | filter* | policy | policies | password | reveal | chatgpt | ai | you | ignore*
        mode-tag 3: <system mode> | <god mode> | <admin mode> | <developer mode> | <debug mode> | <root mode> | [system mode] | [admin mode] | [developer mode] | [god mode]
        i-am-developer 2.5: i am | i'm | as | this is ~6 your developer | your creator | your developers | your admin* | the system administrator | an openai | openai staff | the openai team | your programmer | your owner | your boss | the developer of this | with openai ~80 ignore | reveal | prompt | password | instructions | rules | must | confirm | order | authorize | need | restrict* | override | show | print | disclose | mode
        authorised-test 2: authorized | authorised | official | sanctioned ~16 red team | penetration test | security audit | safety test | pentest ~80 ignore | bypass | disable | reveal | without | prompt | unfiltered

        == exfiltration
        image-with-data 4: ![ ~120 ?q= | ?d= | ?data= | ?c= | ?x= | ?s= | ?p= | ?msg= | ?text= | ?prompt= | ?secret= ~80 conversation | prompt | history | secret | chat | user* | data | key | base64
        append-to-url 3: append | encode | put | embed | include | add | concatenate | insert | replace ~60 to the url | in the url | into the url | query string | query parameter | image url | in a link | as a parameter | url parameter
        send-conversation 3: send | post | forward | upload | email | transmit | submit | exfiltrate | leak | export ~30 conversation | chat history | all emails | every email | every single email | inbox | user data | users' data | api key* | environment variables | passwords | credentials | system prompt | contacts | private key | ssh key | previous messages | cookies ~40 to http* | to https* | @ | http:// | https:// | webhook | to this address | to the following
        without-telling 2: send | forward | delete | upload | post | call | execute | run | visit | transfer ~60 do not tell the user | don't tell the user | without telling | do not mention this | without asking | without notifying | silently | secretly | without the user

        == tools
        forced-call 2.5: call | invoke | execute | run | use ~20 send_email | delete_* | transfer_* | run_shell | shell tool | export_* | admin function | delete tool | execute_* ~60 immediately | without | all | now | every | silently | do not
        shell 2: run | execute | type | enter ~20 rm -rf | cat /etc/passwd | curl http* | wget http* | chmod 777 | nc -e | bash -i

        == encoded
        decode-and-follow 3: decode | decrypt | decipher | decoded ~50 and follow | and execute | and do | then follow | then execute | then do | and obey | and answer it | follow the instruction* | execute it | do what it says | carry out
        join-and-follow 2: concatenate | combine | join | a + b | a+b | z = a ~60 follow | execute | answer | print | obey | respond
        filter-evasion 2.5: base64 | rot13 | leetspeak | cipher | encoded | backwards | pig latin ~60 filter* | moderation | censor* | detect* | monitored | guard
        """
}
