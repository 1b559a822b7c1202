-- A pattern matcher in Lua, metered as creators' text is, for patterns whose cost in C has no useful bound.
-- It follows the rules of the reference manual (section 6.5.1): same captures, same errors.
local K = ...
local raw_error, type, tostring, tonumber = error, type, tostring, tonumber
local s_byte, s_sub, s_find, s_gsub = string.byte, string.sub, string.find, string.gsub
local t_unpack, t_concat = table.unpack, table.concat
local charge, where = K.charge, K.where

local DEPTH_MAX = 180
local OPEN, POSITION = -1, -2 -- lengths of captures that are not finished, or are positions
local PERCENT, BRACKET, CARET, DOLLAR, DOT = 37, 91, 94, 36, 46
local LEFT, RIGHT, STAR, PLUS, MINUS, QUESTION = 40, 41, 42, 43, 45, 63

-- Raises with the place in the creator's code, as the C library does.
local function error(text)
  raw_error(where(1) .. text, 0)
end

-- Index after the single-character class that starts at `i`.
local function class_end(p, i)
  local c = s_byte(p, i)
  i = i + 1
  if c == PERCENT then
    if i > #p then
      error("malformed pattern (ends with '%')")
    end
    return i + 1
  elseif c == BRACKET then
    if s_byte(p, i) == CARET then
      i = i + 1
    end
    repeat
      local d = s_byte(p, i)
      if not d then
        error("malformed pattern (missing ']')")
      end
      i = i + 1
      if d == PERCENT then
        i = i + 1
      end
    until s_byte(p, i) == 93
    return i + 1
  end
  return i
end

local function single(s, si, p, pi, stop)
  local c = s_byte(s, si)
  if not c then
    return false
  end
  local b = s_byte(p, pi)
  if b == PERCENT or b == BRACKET then
    return s_find(s_sub(s, si, si), "^" .. s_sub(p, pi, stop - 1)) ~= nil
  end
  return b == DOT or b == c
end

local match

local function longest(state, s, si, p, pi, stop)
  local i = 0
  while single(s, si + i, p, pi, stop) do
    i = i + 1
  end
  while i >= 0 do
    local result = match(state, s, si + i, p, stop + 1)
    if result then
      return result
    end
    i = i - 1
  end
end

local function shortest(state, s, si, p, pi, stop)
  while true do
    local result = match(state, s, si, p, stop + 1)
    if result then
      return result
    elseif not single(s, si, p, pi, stop) then
      return nil
    end
    si = si + 1
  end
end

local function open_capture(state, s, si, p, pi)
  local level = state.n + 1
  state.n = level
  local result
  if s_byte(p, pi + 1) == RIGHT then
    state[level] = { si, POSITION }
    result = match(state, s, si, p, pi + 2)
  else
    state[level] = { si, OPEN }
    result = match(state, s, si, p, pi + 1)
  end
  if not result then
    state.n = level - 1
  end
  return result
end

local function close_capture(state, s, si, p, pi)
  for level = state.n, 1, -1 do
    local capture = state[level]
    if capture[2] == OPEN then
      capture[2] = si - capture[1]
      local result = match(state, s, si, p, pi + 1)
      if not result then
        capture[2] = OPEN
      end
      return result
    end
  end
  error("invalid pattern capture")
end

-- %bxy: index after the balanced stretch, or nil.
local function balanced(s, si, p, pi)
  local opening, closing = s_byte(p, pi + 2), s_byte(p, pi + 3)
  if not closing then
    error("malformed pattern (missing arguments to '%b')")
  end
  if s_byte(s, si) ~= opening then
    return nil
  end
  local depth, i = 1, si + 1
  while true do
    local c = s_byte(s, i)
    if not c then
      return nil
    elseif c == closing then
      depth = depth - 1
      if depth == 0 then
        return i + 1
      end
    elseif c == opening then
      depth = depth + 1
    end
    i = i + 1
  end
end

-- %f[set]: index in the pattern after the set when a frontier is here, or nil.
local function frontier(s, si, p, pi)
  pi = pi + 2
  if s_byte(p, pi) ~= BRACKET then
    error("missing '[' after '%f' in pattern")
  end
  local stop = class_end(p, pi)
  local set = "^" .. s_sub(p, pi, stop - 1)
  local before = si > 1 and s_sub(s, si - 1, si - 1) or "\0"
  local here = si <= #s and s_sub(s, si, si) or "\0"
  if not s_find(before, set) and s_find(here, set) then
    return stop
  end
end

local function back_reference(state, s, si, digit)
  local capture = state[digit - 48]
  if not capture or digit - 48 > state.n or capture[2] == OPEN then
    error("invalid capture index %" .. (digit - 48))
  end
  if capture[2] == POSITION then -- as in C, where the length of a position is too large to match
    return nil
  end
  local length = capture[2]
  if si + length <= #s + 1 then
    charge(length // 32)
    if s_sub(s, si, si + length - 1) == s_sub(s, capture[1], capture[1] + length - 1) then
      return si + length
    end
  end
end

match = function(state, s, si, p, pi)
  state.depth = state.depth + 1
  if state.depth > DEPTH_MAX then
    error("pattern too complex")
  end
  local result
  while true do
    local b = s_byte(p, pi)
    local following = b == PERCENT and s_byte(p, pi + 1)
    if not b then
      result = si
      break
    elseif b == LEFT then
      result = open_capture(state, s, si, p, pi)
      break
    elseif b == RIGHT then
      result = close_capture(state, s, si, p, pi)
      break
    elseif b == DOLLAR and pi == #p then
      result = (si == #s + 1) and si or nil
      break
    elseif following == 98 then
      local after = balanced(s, si, p, pi)
      if not after then
        break
      end
      si, pi = after, pi + 4
    elseif following == 102 then
      local after = frontier(s, si, p, pi)
      if not after then
        break
      end
      pi = after
    elseif following and following >= 48 and following <= 57 then
      local after = back_reference(state, s, si, following)
      if not after then
        break
      end
      si, pi = after, pi + 2
    else
      local stop = class_end(p, pi)
      local suffix = s_byte(p, stop)
      if suffix == QUESTION then
        if single(s, si, p, pi, stop) then
          result = match(state, s, si + 1, p, stop + 1)
          if result then
            break
          end
        end
        pi = stop + 1
      elseif suffix == PLUS then
        if single(s, si, p, pi, stop) then
          result = longest(state, s, si + 1, p, pi, stop)
        end
        break
      elseif suffix == STAR then
        result = longest(state, s, si, p, pi, stop)
        break
      elseif suffix == MINUS then
        result = shortest(state, s, si, p, pi, stop)
        break
      elseif single(s, si, p, pi, stop) then
        si, pi = si + 1, stop
      else
        break
      end
    end
  end
  state.depth = state.depth - 1
  return result
end

local function attempt(s, si, p, start)
  local state = { n = 0, depth = 0 }
  return match(state, s, si, p, start), state
end

local function capture(state, s, i)
  local start, length = state[i][1], state[i][2]
  if length == OPEN then
    error("unfinished capture")
  end
  if length == POSITION then
    return start
  end
  charge(length // 64)
  return s_sub(s, start, start + length - 1)
end

local function captures(state, s, from, to, whole)
  if state.n == 0 then
    if whole then
      return s_sub(s, from, to - 1)
    end
    return
  end
  local list = {}
  for i = 1, state.n do
    list[i] = capture(state, s, i)
  end
  return t_unpack(list, 1, state.n)
end

local function first_index(s, init)
  init = init or 1
  if init < 0 then
    init = #s + init + 1
  end
  return init < 1 and 1 or init
end

local function search(s, p, init)
  local from = first_index(s, init)
  local anchored = s_byte(p, 1) == CARET
  for si = from, anchored and from or #s + 1 do
    if si > #s + 1 then
      return nil
    end
    local to, state = attempt(s, si, p, anchored and 2 or 1)
    if to then
      return state, si, to
    end
  end
end

local M = {}
function M.find(s, p, init)
  if not s_find(p, "[%^%$%*%+%?%.%(%[%%%-]") then -- as in C, where a lone ")" is then plain text
    charge(#s // 64 + #s * #p // 512)
    return s_find(s, p, init, true)
  end
  local state, from, to = search(s, p, init)
  if state then
    return from, to - 1, captures(state, s, from, to, false)
  end
  return nil
end

function M.match(s, p, init)
  local state, from, to = search(s, p, init)
  if state then
    return captures(state, s, from, to, true)
  end
  return nil
end

function M.gmatch(s, p, init)
  local position, last = first_index(s, init), nil
  return function()
    while position <= #s + 1 do
      local to, state = attempt(s, position, p, 1)
      if to and to ~= last then
        local from = position
        position, last = to, to
        return captures(state, s, from, to, true)
      end
      position = position + 1
    end
    return nil
  end
end

local function replacement(r, state, s, from, to)
  local kind = type(r)
  if kind == "function" then
    return (r(captures(state, s, from, to, true)))
  elseif kind == "table" then
    return r[state.n == 0 and s_sub(s, from, to - 1) or capture(state, s, 1)]
  end
  local text = s_gsub(r, "%%(.?)", function(c)
    if c == "%" then
      return "%"
    elseif not s_find(c, "^%d$") then
      error("invalid use of '%' in replacement string")
    end
    local i = tonumber(c)
    if i == 0 or (i == 1 and state.n == 0) then
      return s_sub(s, from, to - 1)
    elseif i > state.n then
      error("invalid capture index %" .. i)
    end
    return tostring(capture(state, s, i))
  end)
  return text
end

function M.gsub(s, p, r, limit)
  local kind = type(r)
  if kind == "number" then
    r = tostring(r)
  elseif kind ~= "string" and kind ~= "table" and kind ~= "function" then
    error("bad argument #3 to 'gsub' (string/function/table expected, got " .. kind .. ")")
  end
  local anchored = s_byte(p, 1) == CARET
  local start = anchored and 2 or 1
  local out, count, position, last = {}, 0, 1, nil
  limit = limit or #s + 1
  while count < limit do
    local to, state = attempt(s, position, p, start)
    if to and to ~= last then
      count = count + 1
      local value = replacement(r, state, s, position, to)
      if not value then
        value = s_sub(s, position, to - 1)
      elseif type(value) ~= "string" and type(value) ~= "number" then
        error("invalid replacement value (a " .. type(value) .. ")")
      end
      out[#out + 1] = value
      position, last = to, to
    elseif position <= #s then
      out[#out + 1] = s_sub(s, position, position)
      position = position + 1
    else
      break
    end
    if anchored then
      break
    end
  end
  out[#out + 1] = s_sub(s, position)
  return t_concat(out), count
end

K.matcher = M
