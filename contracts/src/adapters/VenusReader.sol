// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IVToken, IVenusComptroller, IVenusOracle} from "../interfaces/external/IVenus.sol";
import {ProtocolAdapter} from "./ProtocolAdapter.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Venus's own arithmetic, without its writes.
/// @notice Venus accrues interest by writing, and a liquidation accrues the two markets it touches. A view has to count
/// what those writes would; the account's other markets count as stored, as they do for Venus.
abstract contract VenusReader is ProtocolAdapter {
    /// @dev A market as it would be after `accrueInterest`.
    struct Market {
        IVToken vToken;
        uint256 cash;
        uint256 borrows;
        uint256 reserves;
        uint256 badDebt;
        uint256 supply;
        uint256 exchangeRate;
        uint256 storedIndex;
        uint256 index;
    }

    /// @dev What an account has and owes, USD in WAD, rounded as Venus does.
    struct Account {
        uint256 collateral;
        uint256 weighted;
        uint256 borrows;
    }

    uint256 internal constant WAD = 1e18;
    /// @dev Word of the main oracle in the answer of `getTokenConfig`, and least length of that answer.
    uint256 private constant MAIN_ORACLE = 1;
    uint256 private constant CONFIG_BYTES = 7 * 32;

    function _pool() internal view returns (IVenusComptroller) {
        return IVenusComptroller(PROTOCOL);
    }

    function _isListed(IVToken vToken) internal view returns (bool listed) {
        (listed,,) = _pool().markets(address(vToken));
    }

    /// @dev `accrueInterest` step by step. A reduction of reserves takes as much cash, and changes no rate.
    function _accrued(IVToken vToken) internal view returns (Market memory market) {
        market.vToken = vToken;
        (market.cash, market.borrows) = (vToken.getCash(), vToken.totalBorrows());
        (market.reserves, market.badDebt) = (vToken.totalReserves(), vToken.badDebt());
        (market.supply, market.storedIndex) = (vToken.totalSupply(), vToken.borrowIndex());
        market.index = market.storedIndex;
        uint256 elapsed = vToken.getBlockNumberOrTimestamp() - vToken.accrualBlockNumber();
        if (elapsed != 0) {
            uint256 factor = elapsed
                * vToken.interestRateModel().getBorrowRate(market.cash, market.borrows, market.reserves, market.badDebt);
            uint256 interest = factor * market.borrows / WAD;
            market.borrows += interest;
            market.reserves += vToken.reserveFactorMantissa() * interest / WAD;
            market.index += factor * market.index / WAD;
        }
        market.exchangeRate = market.supply == 0 ? vToken.exchangeRateStored() : _exchangeRate(market, 0, 0);
    }

    /// @dev The exchange rate once `burnt` vTokens and `paid` of the cash are gone.
    function _exchangeRate(Market memory market, uint256 burnt, uint256 paid) internal pure returns (uint256) {
        return (market.cash - paid + market.borrows + market.badDebt - market.reserves) * WAD / (market.supply - burnt);
    }

    /// @dev An account's debt in an accrued market, rounded down: a unit less than Venus's own at most.
    function _debtOf(address account, Market memory market) internal view returns (uint256) {
        (,, uint256 stored,) = market.vToken.getAccountSnapshot(account);
        return Math.mulDiv(stored, market.index, market.storedIndex);
    }

    /// @dev What an account has and owes by its liquidation thresholds. Reverts on a price that is missing and, where
    /// `fresh` is asked for, on a stale one of anything that counts.
    function _account(address account, Market memory seized, Market memory repaid, bool fresh)
        internal
        view
        returns (Account memory sum)
    {
        IVenusOracle oracle = IVenusOracle(_pool().oracle());
        IVToken[] memory assets = _pool().getAssetsIn(account);
        for (uint256 i; i < assets.length; ++i) {
            (, uint256 tokens, uint256 debt, uint256 rate) = assets[i].getAccountSnapshot(account);
            // Venus liquidates no account that has entered a market without a price, even an empty one.
            uint256 price = _price(oracle, assets[i]);
            if (tokens == 0 && debt == 0) continue;
            if (assets[i] == seized.vToken) rate = seized.exchangeRate;
            if (assets[i] == repaid.vToken) rate = repaid.exchangeRate;
            if (assets[i] == seized.vToken) debt = _debtOf(account, seized);
            if (assets[i] == repaid.vToken) debt = _debtOf(account, repaid);
            if (fresh) _requireFreshPrice(oracle, assets[i]);
            (,, uint256 threshold) = _pool().markets(address(assets[i]));
            uint256 tokenPrice = rate * price / WAD;
            sum.weighted += threshold * tokenPrice / WAD * tokens / WAD;
            sum.collateral += tokenPrice * tokens / WAD;
            sum.borrows += price * debt / WAD;
        }
    }

    function _price(IVenusOracle oracle, IVToken vToken) internal view returns (uint256 price) {
        price = oracle.getUnderlyingPrice(address(vToken));
        if (price == 0) revert PriceMissing(address(oracle));
    }

    /// @dev Reverts unless the Chainlink feed behind an asset's main oracle is fresh. A price without one has no age
    /// that could be asked for.
    function _requireFreshPrice(IVenusOracle oracle, IVToken vToken) private view {
        address asset = vToken.underlying();
        address main = address(oracle);
        (bool answered, bytes memory answer) = main.staticcall(abi.encodeCall(IVenusOracle.getTokenConfig, (asset)));
        if (answered && answer.length >= CONFIG_BYTES) main = _addressIn(answer, MAIN_ORACLE);
        (answered, answer) = main.staticcall(abi.encodeCall(IVenusOracle.tokenConfigs, (asset)));
        if (!answered || answer.length < 3 * 32) revert PriceMissing(main);
        address feed = _addressIn(answer, 1);
        if (feed == address(0)) revert PriceMissing(main);
        _requireFresh(feed);
    }

    function _addressIn(bytes memory answer, uint256 word) private pure returns (address found) {
        assembly ("memory-safe") {
            found := and(mload(add(answer, shl(5, add(word, 1)))), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }
}
