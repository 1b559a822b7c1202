-- Patterns: the C matcher where its worst case is small, and booked; the metered matcher for the rest.
local K = ...
local error, type, tostring = error, type, tostring
local s_byte, s_find, s_match, s_gmatch, s_gsub = string.byte, string.find, string.match, string.gmatch, string.gsub
local charge, short, S = K.charge, K.short, K.libraries.string

local PATTERN_MAX = 512
local CACHE_MAX = 256

-- Worst case of the C matcher: (n + 1) ^ (unbounded quantifiers, plus one if not anchored) * 2 ^ (number of '?').
local cache, cached = {}, 0

local function analyse(p, anchors)
  local entry = anchors and cache[p]
  if entry then
    return entry[1], entry[2]
  end
  local i, n, loops, options = 1, #p, 0, 0
  if anchors and s_byte(p, 1) == 94 then
    i = 2
  else
    loops = 1
  end
  while i <= n do
    local b = s_byte(p, i)
    local repeatable = true
    if b == 37 then
      local d = s_byte(p, i + 1)
      if d == 98 then
        loops = loops + 1
        i = i + 4
        repeatable = false
      elseif d == 102 then
        i = i + 2
        repeatable = false
      elseif d and d >= 48 and d <= 57 then
        loops = loops + 1
        i = i + 2
        repeatable = false
      else
        i = i + 2
      end
    elseif b == 91 then
      local j = i + 1
      if s_byte(p, j) == 94 then
        j = j + 1
      end
      repeat
        local d = s_byte(p, j)
        if not d then
          break
        end
        j = j + (d == 37 and 2 or 1)
      until s_byte(p, j) == 93
      i = j + 1
    else
      repeatable = b ~= 40 and b ~= 41
      i = i + 1
    end
    if repeatable then
      local suffix = s_byte(p, i)
      if suffix == 42 or suffix == 43 or suffix == 45 then
        loops = loops + 1
        i = i + 1
      elseif suffix == 63 then
        options = options + 1
        i = i + 1
      end
    end
  end
  if cached > CACHE_MAX then
    cache, cached = {}, 0
  end
  if anchors then
    cache[p] = { loops, options }
    cached = cached + 1
  end
  return loops, options
end

-- Returns the matcher to use and both arguments as strings.
local C = { find = s_find, match = s_match, gmatch = s_gmatch, gsub = s_gsub }

local function choose(name, s, p)
  if type(s) == "number" then
    s = tostring(s)
  end
  if type(p) == "number" then
    p = tostring(p)
  end
  if type(s) ~= "string" or type(p) ~= "string" then
    error("bad argument to '" .. name .. "' (string expected)", 3)
  end
  if #p > PATTERN_MAX then
    error("pattern above " .. PATTERN_MAX .. " bytes", 3)
  end
  local loops, options = analyse(p, name ~= "gmatch") -- gmatch knows no anchor
  -- each step may walk through the pattern, a set of characters above all
  local steps = (#s + 1.0) ^ (loops > 0 and loops or 1) * 2.0 ^ options * (#p // 8 + 1)
  if steps > K.limits.pattern_steps then
    K.use "matcher"
    return K.matcher[name], s, p
  end
  charge(steps // 20)
  return C[name], s, p
end

function S.find(s, p, init, plain)
  if plain then
    if type(s) == "string" and type(p) == "string" then
      -- memchr plus memcmp: the product is the worst case
      charge(#s // 64 + #s * #p // 512)
    end
    return s_find(s, p, short(init), plain)
  end
  local find, subject, pattern = choose("find", s, p)
  return find(subject, pattern, short(init))
end

function S.match(s, p, init)
  local match, subject, pattern = choose("match", s, p)
  return match(subject, pattern, short(init))
end

function S.gmatch(s, p, init)
  local gmatch, subject, pattern = choose("gmatch", s, p)
  return gmatch(subject, pattern, short(init))
end

function S.gsub(s, p, r, limit)
  local gsub, subject, pattern = choose("gsub", s, p)
  local result, count = gsub(subject, pattern, r, short(limit))
  return K.counted(result), count
end
