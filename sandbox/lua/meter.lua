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
local SLOW_STRETCH, SLOW_MAX = 12, 36 -- weight of operators that are slow on long texts: in a stretch, in one expression

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
local ENDS = set "name value ... ) ] } nil true false end" -- what an expression may end with
local FREE = set ", ; . : ( ) [ ] } do else end then local"
local SHORT = set "value nil true false - # not { function" -- what begins a short text, or none
local SLOW = { [".."] = 1, ["=="] = 1, ["~="] = 1, ["<"] = 3, ["<="] = 3, [">"] = 3, [">="] = 3 } -- as time for each byte

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

-- The next token: its kind (a keyword, an operator, "name" or "value"), where it begins and what follows it.
local function next_token(s, i)
  while true do
    i = s_match(s, "^[ \t\n\r\v\f]*()", i)
    if not s_find(s, "^%-%-", i) then
      break
    end
    i = after_bracket(s, i + 2) or s_match(s, "^[^\n\r]*()", i + 2)
  end
  local b = s_byte(s, i)
  if not b then
    return nil, i, i
  elseif s_find(s, "^[A-Za-z_]", i) then
    local word, after = s_match(s, "^([A-Za-z0-9_]+)()", i)
    return KEYWORDS[word] and word or "name", i, after, word
  elseif s_find(s, "^%.?[0-9]", i) then
    return "value", i, after_numeral(s, i)
  elseif b == 34 or b == 39 then
    return "value", i, after_text(s, i, b)
  elseif b == 91 and s_find(s, "^%[=*%[", i) then
    return "value", i, after_bracket(s, i)
  end
  local long = s_match(s, "^%.%.%.", i) or s_match(s, "^[<>=~]=", i) or s_match(s, "^%.%.", i) or s_match(s, "^::", i)
    or s_match(s, "^<<", i) or s_match(s, "^>>", i) or s_match(s, "^//", i)
  local token = long or s_sub(s, i, i)
  return token, i, i + #token
end

-- Blocks that are open: function, loop, branch, or the condition after an until. Each has the check that pays for it now (0
-- for none), and what it owes: tokens and slow operators. `heads` has what was owed when a while began, `labels` how many
-- tokens and slow operators came before each label of the block.
local kinds, checks, owed, slow, heads, labels, depth = {}, {}, {}, {}, {}, {}, 0
local places, costs, slow_costs, count = {}, {}, {}, 0

local function new_check(place, wanted)
  if not wanted then
    return 0
  end
  count = count + 1
  places[count], costs[count], slow_costs[count] = place, 0, 0
  return count
end

local function open(kind, check, tokens, slow_ones)
  depth = depth + 1
  kinds[depth], checks[depth], owed[depth], slow[depth] = kind, check, tokens or 0, slow_ones or 0
  heads[depth], labels[depth] = nil, nil
end

local function pay()
  local check = checks[depth]
  if check ~= 0 then
    costs[check] = costs[check] + owed[depth] // TOKENS + 1
    slow_costs[check] = slow_costs[check] + slow[depth]
  end
  owed[depth], slow[depth] = 0, 0
end

-- A small branch is paid by what is around it, as if it always ran.
local function close()
  if kinds[depth] == "branch" and owed[depth] < BRANCH and slow[depth] == 0 then
    owed[depth - 1] = owed[depth - 1] + owed[depth]
  else
    pay()
  end
  depth = depth - 1
end

-- What the tokens that open and close blocks do; `follows` is the place behind the token.
local blocks = {
  ["while"] = function()
    heads[depth] = { owed[depth], slow[depth] }
  end,
  ["do"] = function(follows)
    local head, tokens, slow_ones = heads[depth], 0, 0
    if head then -- the condition is asked each time
      tokens, slow_ones, heads[depth] = owed[depth] - head[1], slow[depth] - head[2], nil
    end
    open("loop", new_check(follows, true), tokens, slow_ones)
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
  local _, lines = s_gsub(s_sub(source, 1, place), "\n", "")
  return nil, lines + 1 .. ": " .. why
end

-- An operator takes long where texts of any length may meet. In a row of ".." the first stands for all.
local function is_slow(left, operator, right, earlier)
  if operator == ".." then
    return not (left == "value" and right == "value" or earlier == "..")
  end
  return not (SHORT[left] or SHORT[right])
end

-- Returns the text of a chunk that returns the function of `source`, or nil and "line: why". Of our own files it is the text of
-- that function; `ours` says what is checked: "all", or "loops" alone.
function K.metered(source, ours)
  local functions = ours ~= "loops"
  depth, count = 0, 0
  open("function", new_check(1, functions))
  local tokens, slow_ones = 0, 0 -- all so far
  local token, place, follows, word, jump = nil, nil, 1, nil, nil
  local before, operand, earlier -- the three tokens before this one
  local in_head, in_label = false, false
  while true do
    token, place, follows, word = next_token(source, follows)
    if not token then
      break
    elseif token == "name" and s_find(word, NAMES, 1, true) == 1 then
      return refuse(source, place, "names that begin with " .. NAMES .. " are the sandbox's own")
    end
    local begins = STATEMENTS[token] or token == "name" and ENDS[before] and not in_head
    if kinds[depth] == "condition" and (begins or CLOSING[token]) then
      close()
    end
    if begins and checks[depth] ~= 0 and (owed[depth] >= STRETCH or slow[depth] >= SLOW_STRETCH) then
      pay()
      checks[depth] = new_check(place, true)
    end
    if not FREE[token] then
      tokens, owed[depth] = tokens + 1, owed[depth] + 1
    end
    if SLOW[before] and is_slow(operand, before, token, earlier) then
      slow_ones, slow[depth] = slow_ones + SLOW[before], slow[depth] + SLOW[before]
      if slow[depth] > SLOW_MAX then
        return refuse(source, place, "too many comparisons and '..' in one expression: split it")
      end
    end
    if token == "function" then
      in_head = true
    elseif in_head and token == ")" then
      in_head = false
      open("function", new_check(follows, functions))
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
    earlier, operand = operand, before
    before = word ~= "global" and token or nil
  end
  while depth > 0 do
    close()
  end
  if ours then
    return render(source, "", "")
  end
  return render(source, "local __meter,__meter_slow,__meter_spent return function(...) ", "\nend")
end
