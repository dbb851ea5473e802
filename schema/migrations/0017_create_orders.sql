-- The orders among the views as a table: for reports and other readers, not for the daemon. A member
-- that is not of the expected kind is NULL. JSONB takes no U+0000, so a document that holds one shows
-- only what the row of `views` has beside it.
CREATE OR REPLACE VIEW orders AS
SELECT v.id AS id,
       v.customer_id AS customerid,
       v.status AS status,
       v.created_at AS createdon,
       CASE WHEN strpos(v.document, '\u0000') = 0
            THEN v.document::JSONB ->> 'restaurant_id'
       END AS restaurantid,
       CASE WHEN strpos(v.document, '\u0000') > 0 THEN NULL
            WHEN jsonb_typeof(v.document::JSONB -> 'amount') = 'number'
            THEN (v.document::JSONB ->> 'amount')::NUMERIC
       END AS amount
FROM views AS v
WHERE v.collection = 'order';

-- Their items, one row for each.
CREATE OR REPLACE VIEW order_items AS
SELECT v.id AS orderid,
       v.customer_id AS customerid,
       i.item ->> 'code' AS code,
       i.item ->> 'name' AS name,
       CASE WHEN jsonb_typeof(i.item -> 'unit_price') = 'number'
            THEN (i.item ->> 'unit_price')::NUMERIC
       END AS unitprice,
       CASE WHEN jsonb_typeof(i.item -> 'quantity') = 'number'
            THEN (i.item ->> 'quantity')::NUMERIC
       END AS quantity
FROM views AS v
CROSS JOIN LATERAL jsonb_array_elements(
    CASE WHEN strpos(v.document, '\u0000') > 0 THEN '[]'::JSONB
         WHEN jsonb_typeof(v.document::JSONB -> 'order_items') = 'array'
         THEN v.document::JSONB -> 'order_items'
         ELSE '[]'::JSONB
    END) AS i(item)
WHERE v.collection = 'order';
