-- UTF-8: what C does in one call is booked, and the number of its results bounded.
local K = ...
local error, type = error, type
local u_len, u_char, u_codepoint, u_offset, u_codes = utf8.len, utf8.char, utf8.codepoint, utf8.offset, utf8.codes
local charge, short, U = K.charge, K.short, K.libraries.utf8

local RESULTS_MAX = 8000

local function book(s)
  if type(s) == "string" then
    charge(#s // 16)
  end
end

function U.len(s, i, j, lax)
  book(s)
  return u_len(s, short(i), short(j), lax)
end

function U.offset(s, n, i)
  book(s)
  if i == nil then
    return u_offset(s, short(n))
  end
  return u_offset(s, short(n), short(i))
end

function U.codepoint(s, i, j, lax)
  i, j = short(i) or 1, short(j)
  if type(i) == "number" and type(j) == "number" and (j < 0 or j - i >= RESULTS_MAX) and type(s) == "string" and #s > RESULTS_MAX then
    error("too many results", 2)
  end
  return u_codepoint(s, i, j, lax)
end

function U.char(...)
  K.all_short(...)
  return K.counted(u_char(...))
end

-- An iterator of its own place, as C's would walk over any text from anywhere.
function U.codes(s, lax)
  book(s)
  local step, text, place = u_codes(s, lax)
  return function()
    local code
    place, code = step(text, place)
    return place, code
  end
end
