#!/usr/bin/env python3
"""Writes Tests/HadalTemplatesTests/Fixtures/jinja-cases.jsonl: small templates with what Python's Jinja2 makes of them.

usage: make-jinja-cases.py [OUT]      (pip install jinja2==3.1.6)

The environment is that of Hugging Face's apply_chat_template: ImmutableSandboxedEnvironment, trim_blocks,
lstrip_blocks, loop controls, tojson = json.dumps(ensure_ascii=False), raise_exception, strftime_now (here fixed).
Each line holds `template`, `vars` and either `expected` or `error` (the Python exception's name).
"""
import datetime, json, os, sys
import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

VARS = {
    "s": "Hello, World", "empty": "", "zh": "你好，世界😀", "spaces": "  padded\t\n", "n": 7, "neg": -7, "x": 2.5, "big": 1e16,
    "small": 0.00001, "third": 1 / 3, "yes": True, "no": False, "nothing": None, "list": [3, 1, 2], "words": ["b", "A", "c", "a"],
    "nested": [[1, 2], [3, [4]]], "d": {"b": 1, "a": "x", "c": None}, "quote": "it's \"q\" \\ \n\t\u0001\u00a0é",
    "people": [{"name": "Ann", "age": 30, "tags": ["x", "y"]}, {"name": "bob", "age": 25, "tags": []}, {"name": "Cy", "age": 30}],
    "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}],
    "html": "<b>&\"'</b>", "lines": "one\ntwo\r\nthree\n\nfive", "items": "shadow",
}

# One a line, each printed by itself.
EXPRESSIONS = r"""
1 + 2 * 3
7 // 2, -7 // 2, 7 // -2, -7 // -2
7 % 3, -7 % 3, 7 % -3, -7 % -3
7.5 // 2, -7.5 // 2, 7.5 % -2, -7.5 % 2
7 / 2, 6 / 2, 1 / 3
2 ** 10, 2 ** -1, 2.0 ** 3
2 ** 3 ** 2
-2 ** 2
1 + 1 ~ 2 * 3
'a' ~ 1 ~ none ~ true ~ 2.0
'a' + 'b' * 3
[1] + [2, 3], (1,) + (2,), [0] * 3, 'ab' * 0, 'ab' * -1
1 < 2 < 3, 1 < 3 < 2, 1 == 1.0, true == 1, 'a' == 'a', [1, 2] == [1, 2], (1, 2) == [1, 2]
'a' < 'b', 'Z' < 'a', [1, 2] < [1, 3], (1,) < (1, 0), 1 <= 1.0, 2 >= 3
not true, not not true, not none, not 0, not '', not []
true and 'x', false and 'x', none or 'y', '' or 0 or [], 1 and 2 and 3
'x' if true else 'y', 'x' if false else 'y', 'x' if false
1 if false else 2 if false else 3
'ell' in s, 'z' in s, 3 in list, 'b' in d, 1 not in list, 'x' not in s
0.1 + 0.2, 1e16, 1e15, 123456789.0, 0.0001, 0.00001, -0.0, 1e100, 1.5e-7, 100.0
x, big, small, third
none, true, false, n, neg
list, d, nested, words, (1,), (1, 2), (), [], {}
quote
[quote], ['a\'b', "a\"b", 'a\'"b']
[1.0, none, true, 'é', '\u200b', '\x7f']
s[0], s[-1], s[1:4], s[::-1], s[:-3], s[-3:], s[::2], s[10:2:-3]
zh[0], zh[-1], zh[::-1], zh[2:4], zh|length
list[0], list[-1], list[1:], list[::-1], list[5:], list[-10:2]
list[9], d.missing, d['missing'], s.missing, nothing.foo
d.a, d['a'], d.b, d.get('a'), d.get('z'), d.get('z', 5)
d.items(), d.keys(), d.values()
d.items()|list, d.keys()|list, d|list
d|length, list|length, s|length, ''|length, d.keys()|length
range(5)|list, range(2, 5)|list, range(5, 0, -2)|list, range(0)|list, range(3)
range(3)[1], range(10)[2:5]|list, 3 in range(5), 5 in range(5)
s.upper(), s.lower(), s.title(), s.swapcase(), 'hELLO wORLD'.capitalize()
spaces.strip() ~ '|', spaces.lstrip() ~ '|', spaces.rstrip() ~ '|', 'xxabxx'.strip('x'), 'abcabc'.lstrip('ab'), 'mississippi'.rstrip('ip')
s.split(), s.split(', '), 'a,b,,c'.split(','), 'a,b,c'.split(',', 1), ' a  b '.split(), ' a  b  c '.split(none, 1)
'a,b,c'.rsplit(',', 1), ' a b c '.rsplit(none, 1), 'a'.split('b'), ''.split(), ''.split(',')
'<think>x</think>y'.split('</think>')[-1], '<think>x</think>y'.split('</think>')[0].split('<think>')[-1]
lines.splitlines(), lines.splitlines(true), ''.splitlines(), '\n'.splitlines()
s.startswith('Hell'), s.endswith('ld'), s.startswith(('x', 'H')), s.endswith('x'), s.startswith('ello', 1)
s.replace('l', 'L'), s.replace('l', 'L', 1), s.replace('l', ''), 'aaa'.replace('aa', 'b'), 'ab'.replace('', '-')
s.find('o'), s.rfind('o'), s.find('zz'), s.index('W'), s.count('l'), s.find('o', 5), zh.find('世'), 'aaa'.count('aa'), 'aaa'.rfind('aa')
', '.join(words), '-'.join('abc'), ''.join([])
'{} {}'.format(1, 'a'), '{1} {0}'.format(1, 2), '{a} {b.name}'.format(a=1, b=people[0]), '{0[name]}'.format(people[0])
'{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd'), '{:05d}|{:+d}|{:,}|{:x}|{:#b}'.format(42, 42, 1234567, 255, 5)
'{:.2f}|{:8.3f}|{:e}|{:.1%}|{:g}'.format(3.14159, 2.5, 12345.678, 0.256, 0.0001), '{!r}'.format('a'), '{{}}'.format()
'%s %d %.2f %5s|%-5s|%05d %% %r %x' % ('a', 5, 3.14159, 'x', 'y', 42, 'q', 255)
'%(a)s-%(b)d' % {'a': 1, 'b': 2}, '%s' % 5, '%s' % [1, 2], '%c' is string
'ab'.center(7, '*'), 'ab'.center(6), 'abc'.center(6, '*'), 'ab'.ljust(4) ~ '|', 'ab'.rjust(4), '-5'.zfill(4), '5'.zfill(3)
'abc'.partition('b'), 'abc'.rpartition('z'), 'abc'.partition('z'), 'a-b-c'.rpartition('-')
'prefix-x'.removeprefix('prefix-'), 'x.txt'.removesuffix('.txt'), 'abc'.removeprefix('z')
'123'.isdigit(), 'a1'.isalnum(), 'abc'.isalpha(), '  '.isspace(), 'ABC'.isupper(), 'abc'.islower(), ''.isdigit(), 'Ab Cd'.istitle(), '12'.isnumeric(), '1.2'.isdecimal()
'straße'.upper(), 'İ'.lower()|length, 'ǆ'.title(), "they're bill's".title()
s|upper, s|lower, "they're bill's-friend (x)"|title, 'hELLO'|capitalize, 5|upper
spaces|trim ~ '|', 'xxaxx'|trim('x'), none|trim, 5|trim
words|join, words|join('-'), [1, none, 2.0]|join(','), people|join(', ', attribute='name'), 'abc'|join('.')
words|sort, words|sort(reverse=true), words|sort(case_sensitive=true), list|sort, people|sort(attribute='age')|map(attribute='name')|list, people|sort(attribute='age,name', reverse=true)|map(attribute='name')|list
words|unique|list, words|unique(case_sensitive=true)|list, [1, 1.0, true, 2]|unique|list
words|first, words|last, []|first, list|min, list|max, words|min, words|max, []|max, people|max(attribute='age')
list|sum, people|sum(attribute='age'), list|sum(start=10), []|sum
list|reverse|list, 'abc'|reverse, words|map('upper')|list, words|map('upper')|join(' ')
people|map(attribute='name')|list, people|map(attribute='tags.0', default='-')|list, people|map(attribute='tags', default='none')|list
list|select('odd')|list, list|reject('odd')|list, list|select('gt', 1)|list, ['', 'a', none]|select|list, ['', 'a', none]|reject|list
people|selectattr('age', 'equalto', 30)|map(attribute='name')|list, people|rejectattr('age', 'eq', 30)|map(attribute='name')|list, people|selectattr('tags')|map(attribute='name')|list, people|selectattr('tags', 'defined')|list|length
messages|selectattr('role', 'equalto', 'none')|list|length, 'yes' if messages|selectattr('role', 'equalto', 'none') else 'no'
messages|selectattr('role', 'in', ['user', 'assistant'])|map(attribute='content')|list, messages|map('first')|list, [d, d]|map('length')|list
d|dictsort, d|dictsort(reverse=true), {'B': 2, 'a': 1}|dictsort(true), {'x': 2, 'y': 1}|dictsort(by='value')
d|items|list, missing|items|list, list|batch(2)|list, list|batch(2, '-')|list, range(7)|slice(3)|list, range(7)|slice(3, 'f')|list
missing|default('x'), ''|default('x'), ''|default('x', true), none|d('x'), none|d('x', true), missing|d, missing.foo|default('x') if false else 'ok'
'42'|int, '4.7'|int, 'x'|int, 'x'|int(5), '0x1f'|int(0, 16), 3.9|int, -3.9|int, none|int, true|int, ' 5 '|int
'4.5'|float, 'x'|float, 'x'|float(1.5), 3|float, '1e3'|float, none|float
-5|abs, 5.5|abs, 2.5|round, 3.5|round, 2.675|round(2), 42.55|round(1, 'floor'), 42.51|round(1, 'ceil'), 42|round, 1234|round(-2), 5|string ~ '!'
html|e, html|escape, html|safe, html|string, 'a&b'|forceescape
d|tojson, list|tojson, zh|tojson, quote|tojson, html|tojson, none|tojson, true|tojson, 1.0|tojson, 1e20|tojson, third|tojson, [] |tojson, {}|tojson, (1, 2)|tojson
d|tojson(indent=2), nested|tojson(indent=4), []|tojson(indent=2), {'a': {}, 'b': []}|tojson(indent=2)
zh|tojson(ensure_ascii=true), d|tojson(separators=(',', ':')), d|tojson(sort_keys=true), {1: 2, true: 3, none: 4, 2.5: 5}|tojson, '\x7f\u2028'|tojson(ensure_ascii=true)
lines|indent, lines|indent(2, true), lines|indent(2, false, true), lines|indent('> '), ''|indent(2, true), 'a\n'|indent
'one two three four'|truncate(9), 'one two three four'|truncate(9, true), 'one two'|truncate(5, false, '…', 0), 'short'|truncate(4)
'one two, three'|wordcount, 'ab'|center(6) ~ '|', '%s-%s'|format(1, 2), '%(a)s'|format(a=1), 'Hello'|replace('l', 'L', 1), 5|replace(5, 6), 'a'|list, 'ab'|count
none is none, none is not none, missing is defined, n is defined, missing is undefined, d.a is defined, d.z is defined, d.c is none
s is string, n is string, d is mapping, list is mapping, list is sequence, s is sequence, d is sequence, n is sequence, list is iterable, n is iterable, s is iterable, d.items() is sequence, range(2) is sequence, (x for_) is defined if false else 1
n is number, x is number, yes is number, s is number, n is integer, x is integer, yes is integer, x is float, n is float, yes is boolean, n is boolean, yes is true, yes is false, no is false, 1 is true
n is odd, n is even, n is divisibleby 7, n is divisibleby(2), 'a' is lower, 'A' is upper, 'a' is in 'abc', 1 is in list, 9 is not in list
n is eq 7, n is equalto(7), n is ne 7, n is gt 5, n is lt 5, n is ge 7, n is le 7, n is sameas 7, none is sameas none, n == 7 is true
n is defined and n is number, n is not defined or n is string, not n is defined, n is not string and s is string
raise_exception is callable, range is callable, n is callable, 'upper' is filter, namespace is defined
missing ~ 'x', missing == missing, missing == none, missing|length, missing|list, missing|join, not missing, missing or 'dflt'
dict(a=1, b=[2]), dict(d, z=1), dict([('a', 1)]), {'a': 1}['a'], {'a': {'b': [1, 2]}}.a.b[1], {1: 'i', '1': 's'}[1]
strftime_now('%d %b %Y'), strftime_now('%Y-%m-%d %H:%M:%S %A %B %j %p %I %y %a %% %w %U'), strftime_now('Tag %d')
"a" "b" 'c', 'a\tb\\n\x41\u00e9\U0001F600\q', 'line\
continued'
1_000, 0x1F, 0b101, 0o17, 1.5e3, 1e2, 1_0.5
-1|abs, -n|abs, (-n)|abs, +n, -x, -yes, n|string|length
s|upper|lower|replace('h', 'J')|length, (1 + 2)|string + '3', s.upper().lower()[0:2].title()
[1, 2, 3,], {'a': 1,}, (1,), [i_ for_]|length if false else 'c'
'abc'['x'], list['x'], d[missing], d['a']['b'], s.__class__ ~ '|', d.update is defined, list.append is defined
loop is defined, cycler('a', 'b').next(), joiner('; ')() ~ '|', namespace(a=1).a, namespace({'a': 2}).a, namespace(a=1).b is defined
'é'|length, 'e\u0301'|length, 'é' == 'e\u0301', '\r\n'|length, 'a\r\nb'.split('\n'), '\u3000x\u3000'.strip() ~ '|', 'a\x1cb'.split(), '\u200bx'.strip()|length
d|attr('items') is callable, d|attr('a') is defined, s|attr('upper') is callable, people[0].name, people.0.name, people[0]['tags'].0
'a' in missing, 'a' in d.keys(), 'x' in d.values(), ('a', 'x') in d.items(), [1] in [[1]], none in [none], 1.0 in [1], true in [1]
"""

# Whole templates: white space, statements, scopes.
TEMPLATES = [
    "a\n{% if true %}\n  b\n{% endif %}\nc\n", "a\n   {% if true %}\n  b\n   {% endif %}\nc", "x {%- if true -%}  y  {%- endif -%} z",
    "{{ 'a' }}\n{{ 'b' }}\n", "a {{- ' b ' -}} c", "  {%+ if true %}a{% endif %}", "{% if true +%}\na{% endif %}", "a{# c #}\nb", "  {# c #}\n b", "a {#- c -#} b", "{#+ c +#}\nb",
    "{% raw %}{{ x }} {% if %}{% endraw %}\n!", "a\n  {% raw -%}  \n {{ x }}  {%- endraw %}\nb", "{% raw %}\n{{ a }}\n  {% endraw %}\nb", "\n\na\n\n", "a\r\nb{{ 1 }}\r\n", "\t {% set a = 1 %} \n{{ a }}", "line\n\u3000{% if true %}x{% endif %}",
    "{% for i in list %}{{ i }}{% if not loop.last %}, {% endif %}{% endfor %}", "{% for i in [] %}x{% else %}none{% endfor %}",
    "{% for i in words %}{{ loop.index }}/{{ loop.index0 }}/{{ loop.revindex }}/{{ loop.revindex0 }}/{{ loop.first }}/{{ loop.last }}/{{ loop.length }}/{{ loop.depth }} {{ loop.previtem }}<{{ i }}>{{ loop.nextitem }};{% endfor %}",
    "{% for i in range(10) if i % 2 %}{{ loop.index }}:{{ i }} {% endfor %}", "{% for i in range(10) if i > 20 %}x{% else %}empty{% endfor %}",
    "{% for i in range(10) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in d|items %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}", "{% for c in 'añ😀' %}[{{ c }}]{% endfor %}", "{% for i in missing %}x{% else %}y{% endfor %}",
    "{% for i in list %}{{ loop.cycle('a', 'b') }}{{ loop.changed(i > 1) }} {% endfor %}", "{% for i in [1, 2] %}{% for j in [1, 2] %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% set x = 1 %}{% for i in list %}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}", "{% set ns = namespace(x=1) %}{% for i in list %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y is defined }}",
    "{% if false %}{% set y = 1 %}{% else %}{% set y = 2 %}{% endif %}{{ y }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a = 1, 2 %}{{ a }}", "{% set a %}  x{{ n }} {% endset %}[{{ a }}]", "{% set a | upper | trim %} x {% endset %}[{{ a }}]",
    "{% for i in list %}{% set list = [] %}{{ i }}{% endfor %}{{ list }}", "{% for m in people %}{% set m = m.name %}{{ m }} {% endfor %}", "{% for i in list %}{{ i }}{% endfor %}{{ i is defined }}",
    "{% macro m(a, b=2, c=a) %}{{ a }}-{{ b }}-{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, c=3) }} {{ m(b=5, a=4) }} {{ m() }}", "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}",
    "{% macro m(x) %}[{{ x }}{{ caller() }}]{% endmacro %}{% call m(1) %}body{{ n }}{% endcall %}", "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b) m() %}{{ a }}+{{ b }}{% endcall %}", "{% macro fact(n) %}{% if n <= 1 %}1{% else %}{{ n * (fact(n - 1)|int) }}{% endif %}{% endmacro %}{{ fact(6) }}",
    "{% macro m() %}{{ later }}{% endmacro %}{% set later = 5 %}{{ m() }}", "{% macro m(a) %}{% set n = 99 %}{{ n }}{% endmacro %}{{ m() }}{{ n }}", "{% macro m(a) %}{{ a is defined }}{{ a }}{% endmacro %}{{ m() }} {{ m.name }} {{ m.arguments }}",
    "{% macro a() %}  x\n{% endmacro %}{{ a() }}{{ a()|trim }}", "{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}", "{% for i in [1,2] %}{% macro m() %}{{ i }}{% endmacro %}{{ m() }}{% endfor %}", "{% macro m(messages) %}{% for x in messages %}{{ x.role }} {% endfor %}{% endmacro %}{{ m(messages) }}",
    "{% filter upper %}abc{{ s }}{% endfilter %}", "{% filter replace('a', 'b')|upper %}aaa{% endfilter %}", "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}", "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }}",
    "{% if n > 5 %}big{% elif n > 3 %}mid{% else %}small{% endif %}", "{% if missing %}a{% elif none %}b{% elif [] %}c{% else %}d{% endif %}", "{% if n is defined and n in [7] and not no %}ok{% endif %}", "{% if 'user' == messages[1]['role'] and messages[1].content is string %}{{ messages[1]['content'] | trim }}{% endif %}",
    "{%- for message in messages %}\n    {%- if message.role == 'user' %}\n        {{- '<|user|>' + message.content }}\n    {%- else %}\n        {{- '<|' ~ message.role ~ '|>' ~ message.content }}\n    {%- endif %}\n{%- endfor %}\n", "{{ {'a': {'b': 1}}.a.b }}{{ {} }}{{ {'x': {}} }}", "{{ '}}' }}{{ \"{%\" }}", "{{ (1, 2)|join(',') }}{{ [(1, 2)]|first }}",
    "{{ items }}|{{ d.items is callable }}", "{{ messages[-1]['role'] }}{{ messages[1:]|length }}{{ messages[::-1][0].role }}", "{% set ns = namespace() %}{% set ns.a = [] %}{% for i in list %}{% set ns.a = ns.a + [i] %}{% endfor %}{{ ns.a }}{{ ns }}", "{% set j = joiner(', ') %}{% for i in list %}{{ j() }}{{ i }}{% endfor %}", "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}{% if c.reset() %}{% endif %}{{ c.current }}",
    "{% set g = list|map('string') %}{{ g|join }}|{{ g|join }}", "{% set g = list|select('odd') %}{{ g|first }}{{ g|list }}", "{{ caller is defined }}{{ varargs is defined }}", "{% block a %}x{{ n }}{% endblock %}", "{% set _ = d.get('a') %}{{ _ }}", "{{ [1, 2]|map('upper')|first|length }}", "{{ '%s' % missing }}{{ 'a' ~ missing }}", "{{ people|map(attribute='tags')|map('length')|list if false else 'skip' }}",
    # what fails, and how
    "{{ missing.foo }}", "{{ missing['foo'] }}", "{{ missing() }}", "{{ missing + 1 }}", "{{ 1 + 'a' }}", "{{ 'a' + 1 }}", "{{ 1 / 0 }}", "{{ 1 // 0 }}", "{{ 1 % 0 }}", "{{ 1 < 'a' }}", "{{ n() }}", "{{ none|length }}", "{{ none + 'x' }}", "{{ 5 in 5 }}", "{{ 1 in 'abc' }}", "{% for i in 5 %}{% endfor %}", "{% for i in none %}{% endfor %}", "{% for a, b in list %}{% endfor %}", "{% set a, b = [1] %}",
    "{{ raise_exception('no!') }}", "{{ s|nofilter }}", "{{ s is notest }}", "{{ list.append(4) }}", "{{ d.update({}) }}", "{{ d.pop('a') }}", "{{ s.__class__.x }}", "{{ ''.__class__.__mro__ }}", "{{ range(200000) }}", "{{ range(1, 2, 0) }}", "{{ missing|tojson }}", "{{ range|tojson }}", "{{ 'a'.split('') }}", "{{ s.index('zz') }}", "{{ '%d' % 'x' }}", "{{ '%s %s' % 1 }}", "{{ '{}'.format() }}", "{{ '{'.format() }}", "{{ {[]: 1} }}", "{{ list|map('nofilter')|list }}", "{{ [1, 'a']|sort }}", "{{ {}|first|length }}{{ [{}]|sort }}", "{{ list|select('odd')|length }}",
    "{{ }}", "{{ 1 + }}", "{% if %}{% endif %}", "{% if n %}", "{% endif %}", "{% for %}{% endfor %}", "{% for i in list %}", "{% else %}", "{% unknown %}", "{{ 'a }}", "{{ (1 }}", "{{ 1) }}", "{{ [1 }}", "{# open", "{% raw %}x", "{{ a b }}", "{{ 1 if }}", "{% set %}", "{% set 1 = 2 %}", "{% set true = 2 %}", "{% macro %}{% endmacro %}", "{% macro m(a=1, b) %}{% endmacro %}", "{% break %}", "{{ f(a=1, 2) }}", "{{ f(**d, 1) }}", "{{ a ? b }}", "{{ !a }}", "{{ n is }}", "{{ n | }}", "{{ n. }}", "{{ n[ }}", "{% call n %}{% endcall %}", "{{ 'a' is string is string }}", "{{ a = 1 }}", "{{", "{%", "{{ -%}", "{% if n }}", "{{ n %}", "{% set ns.x = 1 %}", "{% set n.x = 1 %}", "{{ '\\x4' }}", "{{ '\\N{DASH}' }}" ,
]


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda format: datetime.datetime(2025, 6, 1, 12, 0, 0).strftime(format)
    return env


def split(line):
    """The expressions of a line: each is also tried alone, so that one that fails hides no other."""
    parts, depth, start, quote, i = [], 0, 0, None, 0
    while i < len(line):
        c = line[i]
        if quote:
            if c == "\\": i += 1
            elif c == quote: quote = None
        elif c in "'\"": quote = c
        elif c in "([{": depth += 1
        elif c in ")]}": depth -= 1
        elif c == "," and depth == 0: parts.append(line[start:i].strip()); start = i + 1
        i += 1
    return parts + [line[start:].strip()]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "Tests", "HadalTemplatesTests", "Fixtures", "jinja-cases.jsonl")
    assert jinja2.__version__ == "3.1.6", jinja2.__version__
    env, count = environment(), 0
    expressions = EXPRESSIONS.strip().replace("\\\n", "\\\x00").split("\n")
    templates = ["{{ " + e.replace("\x00", "\n") + " }}" for line in expressions for e in split(line) if e and "for_" not in e] + TEMPLATES
    with open(out, "w", encoding="utf-8") as f:
        f.write(json.dumps({"vars": VARS}, ensure_ascii=False) + "\n")
        for template in dict.fromkeys(templates):
            case = {"template": template}
            try: case["expected"] = env.from_string(template).render(**VARS)
            except Exception as e: case["error"] = type(e).__name__
            if " at 0x" in case.get("expected", ""): continue
            f.write(json.dumps(case, ensure_ascii=False) + "\n"); count += 1
    print(f"{count} cases in {out}")


main()
