-- Texts in the languages of the package.
local K = ...
local type, select, s_sub, s_gsub, to_integer = type, select, string.sub, string.gsub, math.tointeger
local mall, bad, shown = K.mall, K.bad, K.shown

local all_texts = K.decode(K.texts, 1)
K.texts = nil

-- Fills {1}, {2}, ... in the translation of `text` to `locale`.
function K.translate(locale, text, ...)
  if type(text) ~= "string" then
    bad("a text to translate must be a string, got " .. shown(text))
  end
  local texts = all_texts[locale] or all_texts[s_sub(locale, 1, 2)]
  local result = texts and texts[text] or text
  local count = select("#", ...)
  if count == 0 then
    return result
  end
  local arguments = { ... }
  return (s_gsub(s_sub(result, 1, 4096), "{(%d)}", function(digit)
    local i = to_integer(digit + 0)
    if i >= 1 and i <= count then
      return s_sub(K.tostring(arguments[i]), 1, 1024)
    end
  end))
end

-- What everybody sees is in the language of the package; texts for one player are made with player:t().
function mall.t(text, ...)
  return K.translate(K.language, text, ...)
end
