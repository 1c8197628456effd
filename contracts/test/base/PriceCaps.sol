// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @dev What price caps read of an aggregator, or of another price cap.
interface IAnswer {
    function latestAnswer() external view returns (int256);
}

/// @title Price sources in the shape of Aave's price cap adapters, which tell no age but name the aggregators they
/// read.
/// @dev A stablecoin's: its own price, capped.
contract AssetCap {
    IAnswer public immutable ASSET_TO_USD_AGGREGATOR;
    int256 private immutable CAP;

    constructor(address aggregator, int256 cap) {
        (ASSET_TO_USD_AGGREGATOR, CAP) = (IAnswer(aggregator), cap);
    }

    function latestAnswer() external view virtual returns (int256) {
        int256 answer = ASSET_TO_USD_AGGREGATOR.latestAnswer();
        return answer > CAP ? CAP : answer;
    }
}

/// @dev The price of a staked asset: its underlying's price, at a rate.
contract BaseCap {
    IAnswer public immutable BASE_TO_USD_AGGREGATOR;
    int256 private immutable RATE; // per cent

    constructor(address aggregator, int256 rate) {
        (BASE_TO_USD_AGGREGATOR, RATE) = (IAnswer(aggregator), rate);
    }

    function latestAnswer() external view returns (int256) {
        return BASE_TO_USD_AGGREGATOR.latestAnswer() * RATE / 100;
    }
}

/// @dev A stablecoin's of another currency: its own price, capped by the currency's.
contract CurrencyCap is AssetCap {
    IAnswer public immutable BASE_TO_USD_AGGREGATOR;

    constructor(address aggregator, address base) AssetCap(aggregator, 0) {
        BASE_TO_USD_AGGREGATOR = IAnswer(base);
    }

    function latestAnswer() external view override returns (int256) {
        int256 cap = BASE_TO_USD_AGGREGATOR.latestAnswer();
        int256 answer = ASSET_TO_USD_AGGREGATOR.latestAnswer();
        return answer > cap ? cap : answer;
    }
}

/// @dev A fixed price: no aggregator behind it.
contract FixedPrice {
    int256 public immutable latestAnswer;

    constructor(int256 answer) {
        latestAnswer = answer;
    }
}
