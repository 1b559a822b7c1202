-- Puts checks of the budget into source text, so that Lua needs no hook: at the start of the chunk, of each function and each
-- loop, before each goto back, and within long stretches. A check books the tokens up to the next one, about two for each
-- instruction of Lua, and calls when the slice is used up. Operators that are slow on long texts are counted apart. The text
-- must compile as it is: then a statement begins at certain keywords and at a name after the end of an expression, so tokens
-- are enough and no grammar is needed.
local K = ...
local s_find, s_match, s_sub, s_byte, t_concat = string.find, string.match, string.sub, string.byte, table.concat
local s_format, s_gsub, s_gmatch = string.format, string.gsub, string.gmatch

local NAMES = "__meter" -- what the names of our three variables, and none of a creator's, begin with
local CHECK = " __meter=__meter-%d if __meter<0 then __meter_spent()end "
local SLOW_CHECK = " __meter=__meter-%d __meter_slow=__meter_slow-%d if __meter<0 or __meter_slow<0 then __meter_spent()end "
local TOKENS = 2 -- for one instruction of Lua, about
local STRETCH, BRANCH = 64, 16 -- tokens after which a stretch is checked, and a branch has a check of its own
local SLOW_STRETCH = 4 -- operators that may be slow, after which a stretch is checked

local function set(words)
  local t = {}
  for word in s_gmatch(words, "%S+") do
    t[word] = true
  end
  return t
end

local STATEMENTS = set "local if while for repeat return goto break" -- what begins with one of these is a statement
local KEYWORDS = set [[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]
local CLOSING = set "end else elseif until"
local ENDS = set "name number text ... ) ] } nil true false end new" -- after these a name begins a statement
local FREE = set ", ; . : ( ) [ ] } do else end then local"
local SHORT = set "number nil true false"
local SLOW = set ".. == ~= < <= > >="
local OPENS, CLOSES = set "( [ {", set ") ] }"

local function after_numeral(s, i)
  local exponent = "^[eE]"
  if s_find(s, "^0[xX]", i) then
    exponent, i = "^[pP]", i + 2
  end
  while true do
    if s_find(s, exponent, i) then
      i = i + (s_find(s, "^[+-]", i + 1) and 2 or 1)
    elseif s_find(s, "^[%x.]", i) then
      i = i + 1
    else
      return i
    end
  end
end

local function after_text(s, i, quote)
  local stop = quote == 34 and '["\\]' or "['\\]"
  i = i + 1
  while true do
    i = s_find(s, stop, i)
    if s_byte(s, i) == quote then
      return i + 1
    end
    i = i + 2
  end
end

-- The end of a long bracket that opens at `i`, or nil where none does.
local function after_bracket(s, i)
  local level, inside = s_match(s, "^%[(=*)%[()", i)
  if level then
    local _, last = s_find(s, "]" .. level .. "]", inside, true)
    return last + 1
  end
end

local LONG = set ".. == ~= <= >= :: // << >>"
local NAME, DIGIT, QUOTE, BRACKET, DOT, MINUS = 1, 2, 3, 4, 5, 6 -- what a token may begin with
local starts = { [34] = QUOTE, [39] = QUOTE, [91] = BRACKET, [46] = DOT, [45] = MINUS, [95] = NAME }
for b = 48, 57 do
  starts[b] = DIGIT
end
for b = 65, 90 do
  starts[b], starts[b + 32] = NAME, NAME
end

local function operator_at(s, i)
  if s_find(s, "^%.%.%.", i) then
    return "...", i, i + 3
  end
  local token = s_sub(s, i, i + 1)
  if LONG[token] then
    return token, i, i + 2
  end
  return s_sub(s, i, i), i, i + 1
end

-- The next token: its kind (a keyword, an operator, "name", "number" or "text"), where it begins, what follows it, and the word.
local function next_token(s, i)
  while true do
    i = s_match(s, "^[ \t\n\r\v\f]*()", i)
    local b = s_byte(s, i)
    local start = starts[b]
    if start == NAME then
      local word, after = s_match(s, "^([A-Za-z0-9_]+)()", i)
      return KEYWORDS[word] and word or "name", i, after, word
    elseif not b then
      return nil, i, i
    elseif start == MINUS and s_byte(s, i + 1) == 45 then -- a comment
      i = after_bracket(s, i + 2) or s_match(s, "^[^\n\r]*()", i + 2)
    elseif start == DIGIT or start == DOT and starts[s_byte(s, i + 1)] == DIGIT then
      return "number", i, after_numeral(s, i)
    elseif start == QUOTE then
      return "text", i, after_text(s, i, b)
    else
      local after = start == BRACKET and after_bracket(s, i)
      if after then
        return "text", i, after
      end
      return operator_at(s, i)
    end
  end
end

-- Blocks that are open: function, loop, branch, or the condition after an until. Each has the check that pays for it now (0
-- for none), and what it owes: tokens and slow operators. `heads` has what was owed when a while began, `labels` how many
-- tokens and slow operators came before each label of the block, `begun` how many tokens before it, `brackets` how many are open.
local kinds, checks, owed, slow, heads, labels, begun, brackets, depth
local places, costs, slow_costs, count
local tokens, slow_ones -- all so far

local function reset()
  kinds, checks, owed, slow, heads, labels, begun, brackets, depth = {}, {}, {}, {}, {}, {}, {}, {}, 0
  places, costs, slow_costs, count = {}, {}, {}, 0
  tokens, slow_ones = 0, 0
end

local function new_check(place, wanted)
  if not wanted then
    return 0
  end
  count = count + 1
  places[count], costs[count], slow_costs[count] = place, 0, 0
  return count
end

local function open(kind, check, owed_before, slow_before)
  depth = depth + 1
  kinds[depth], checks[depth], owed[depth], slow[depth] = kind, check, owed_before or 0, slow_before or 0
  heads[depth], labels[depth], begun[depth], brackets[depth] = nil, nil, tokens, 0
end

local function pay()
  local check = checks[depth]
  if check ~= 0 then
    costs[check] = costs[check] + owed[depth] // TOKENS + 1
    slow_costs[check] = slow_costs[check] + slow[depth]
  end
  owed[depth], slow[depth] = 0, 0
end

-- A small branch is paid by what is around it, as if it always ran. To make a function costs as its text is long, since each
-- name in it may be one of those that it takes from around.
local function close()
  local kind, outer = kinds[depth], depth - 1
  if kind == "branch" and owed[depth] < BRANCH and slow[depth] == 0 then
    owed[outer] = owed[outer] + owed[depth]
  else
    pay()
    if kind == "function" and outer > 0 then
      owed[outer] = owed[outer] + tokens - begun[depth]
    end
  end
  depth = outer
end

-- What the tokens that open and close blocks do; `follows` is the place behind the token.
local blocks = {
  ["while"] = function()
    heads[depth] = { owed[depth], slow[depth] }
  end,
  ["do"] = function(follows)
    local head, asked, slow_asked = heads[depth], 0, 0
    if head then -- the condition is asked each time
      asked, slow_asked, heads[depth] = owed[depth] - head[1], slow[depth] - head[2], nil
    end
    open("loop", new_check(follows, true), asked, slow_asked)
  end,
  ["repeat"] = function(follows)
    open("loop", new_check(follows, true))
  end,
  ["until"] = function()
    kinds[depth] = "condition"
  end,
  ["then"] = function(follows)
    open("branch", new_check(follows, checks[depth] ~= 0))
  end,
  ["else"] = function(follows)
    close()
    open("branch", new_check(follows, checks[depth] ~= 0))
  end,
  ["elseif"] = close,
  ["end"] = close,
}

-- A label that is seen from here and came before, or nil.
local function find_label(name)
  for i = depth, 1, -1 do
    local label = labels[i] and labels[i][name]
    if label or kinds[i] == "function" then
      return label
    end
  end
end

local function render(source, opening, ending)
  local pieces, n, from = { opening }, 1, 1
  for i = 1, count do
    if costs[i] > 0 then
      pieces[n + 1] = s_sub(source, from, places[i] - 1)
      pieces[n + 2] = s_format(slow_costs[i] > 0 and SLOW_CHECK or CHECK, costs[i], slow_costs[i])
      n, from = n + 2, places[i]
    end
  end
  pieces[n + 1], pieces[n + 2] = s_sub(source, from), ending
  return t_concat(pieces, "", 1, n + 2)
end

local function refuse(source, place, why)
  reset()
  local _, lines = s_gsub(s_sub(source, 1, place), "\n", "")
  return nil, lines + 1 .. ": " .. why
end

-- Whether an operator may meet texts of any length: of the five tokens around it one decides, unless "..", which binds closer
-- than a comparison, makes it part of a text. `<const>` and `<close>` are no operators.
local function is_slow(before_left, left, operator, right, after_right, right_word)
  if operator == ".." then
    return true
  elseif operator == "<" and after_right == ">" and (right_word == "const" or right_word == "close") then
    return false
  end
  return not (SHORT[right] and after_right ~= ".." or SHORT[left] and before_left ~= ".."
    or right == "text" and after_right ~= ".." and operator ~= "..")
end

-- Returns the text of a chunk that returns the function of `source`, or nil and "line: why". Of our own files it is the text of
-- that function; `ours` says what is checked: "all", or "loops" alone.
function K.metered(source, ours)
  local functions = ours ~= "loops"
  reset()
  open("function", new_check(1, functions))
  local token, place, follows, word, jump = nil, nil, 1, nil, nil
  local before, before_word, second, third, fourth -- the tokens before this one, the nearest first
  local in_head, in_label, attribute = false, false, false
  repeat
    token, place, follows, word = next_token(source, follows)
    if token == "name" and s_find(word, NAMES, 1, true) == 1 then
      return refuse(source, place, "names that begin with " .. NAMES .. " are the sandbox's own")
    end
    if SLOW[second] then
      if attribute then
        attribute = false -- this was the ">" at its end
      elseif is_slow(fourth, third, second, before, token, before_word) then
        slow_ones, slow[depth] = slow_ones + 1, slow[depth] + 1
      else
        attribute = second == "<" and token == ">" and before == "name"
      end
    end
    local begins = STATEMENTS[token] or token == "name" and ENDS[before] and not in_head
    if kinds[depth] == "condition" and (begins or CLOSING[token] or token == "::") then
      close()
    end
    if begins and checks[depth] ~= 0 and (owed[depth] >= STRETCH or slow[depth] >= SLOW_STRETCH) then
      pay()
      checks[depth] = new_check(place, true)
    end
    if token and not FREE[token] then
      tokens, owed[depth] = tokens + 1, owed[depth] + 1
    end
    if token == "function" then
      in_head = true
    elseif in_head then
      if token == ")" then
        in_head = false
        open("function", new_check(follows, functions))
      end
    elseif OPENS[token] then
      brackets[depth] = brackets[depth] + 1
    elseif CLOSES[token] then
      brackets[depth] = brackets[depth] - 1
    elseif token == ";" and brackets[depth] == 0 then
      token = "new"
    elseif token == "::" then
      in_label = not in_label
    elseif token == "goto" then
      jump = place
    elseif token == "name" and in_label then
      labels[depth] = labels[depth] or {}
      labels[depth][word] = { tokens, slow_ones }
    elseif token == "name" and jump then
      local label = find_label(word)
      if label then -- back: what lies between is paid again
        local check = new_check(jump, true)
        costs[check], slow_costs[check] = (tokens - label[1]) // TOKENS + 1, slow_ones - label[2]
      end
      jump = nil
    elseif blocks[token] then
      blocks[token](follows)
    end
    before, before_word, second, third, fourth = word == "global" and "global" or token, word, before, second, third
  until not token
  while depth > 0 do
    close()
  end
  local text
  if ours then
    text = render(source, "", "")
  else
    text = render(source, "local __meter,__meter_slow,__meter_spent return function(...) ", "\nend")
  end
  reset()
  return text
end
