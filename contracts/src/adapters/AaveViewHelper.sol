// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AaveReserve, IAaveAddressesProvider} from "../interfaces/external/IAaveV3.sol";
import {AaveReader} from "./AaveReader.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Proposes which of an Aave user's collaterals and debts to take first.
/// @notice An account with several collaterals and debts is many positions: one for each pair. Repaying a dollar of
/// debt for (1 + bonus) dollars of collateral raises health by the dollar of debt, less threshold · (1 + bonus) of lost
/// backing. The collateral with the **lowest liquidation threshold** therefore goes first: it raises health most, and
/// the least sale reaches a given health. The largest debt goes first, since one call repays most of it. The proposal
/// is not binding: any pair that an adapter assesses can be landed.
contract AaveViewHelper is AaveReader {
    /// @notice A deposit used as collateral.
    struct Holding {
        address asset;
        uint256 value; // base currency of the oracle
        uint256 threshold; // liquidation threshold in basis points, the user's efficiency mode included
    }

    /// @notice A debt.
    struct Owing {
        address asset;
        uint256 value; // base currency of the oracle
    }

    /// @param provider The pool's addresses provider.
    constructor(IAaveAddressesProvider provider) AaveReader(provider) {}

    /// @notice The pair to take first, and all the others in order.
    /// @param user The account.
    /// @return position abi.encode(user, collateral, debt), as the adapters take it; empty if the user has no such
    /// pair.
    /// @return collaterals By threshold, lowest first, then by value, largest first.
    /// @return debts By value, largest first.
    function suggest(address user)
        external
        view
        returns (bytes memory position, Holding[] memory collaterals, Owing[] memory debts)
    {
        Mode memory mode = _mode(user);
        uint256 used = _used(user);
        collaterals = _collateralsOf(user, used & COLLATERAL_BITS, mode);
        debts = _debtsOf(user, used & BORROWING_BITS);
        for (uint256 i; i < collaterals.length; ++i) {
            for (uint256 j; j < debts.length; ++j) {
                if (collaterals[i].asset == debts[j].asset) continue;
                return (abi.encode(user, collaterals[i].asset, debts[j].asset), collaterals, debts);
            }
        }
    }

    function _collateralsOf(address user, uint256 bits, Mode memory mode)
        private
        view
        returns (Holding[] memory collaterals)
    {
        collaterals = new Holding[](_count(bits));
        uint256 count;
        for (uint16 id; bits != 0; (++id, bits >>= 2)) {
            if (bits & 2 != 0) _insert(collaterals, count++, _holding(user, _pool().getReserveAddressById(id), mode));
        }
    }

    function _debtsOf(address user, uint256 bits) private view returns (Owing[] memory debts) {
        debts = new Owing[](_count(bits));
        uint256 count;
        for (uint16 id; bits != 0; (++id, bits >>= 2)) {
            if (bits & 1 != 0) _insert(debts, count++, _owing(user, _pool().getReserveAddressById(id)));
        }
    }

    function _holding(address user, address asset, Mode memory mode) private view returns (Holding memory holding) {
        holding.asset = asset;
        (holding.value, holding.threshold) = _backing(user, asset, mode);
    }

    function _owing(address user, address asset) private view returns (Owing memory) {
        AaveReserve memory reserve = _reserve(asset);
        return Owing(asset, Math.ceilDiv(_owed(user, reserve) * _oracle().getAssetPrice(asset), _unit(reserve)));
    }

    function _insert(Holding[] memory sorted, uint256 count, Holding memory item) private pure {
        for (; count != 0 && _goesBefore(item, sorted[count - 1]); --count) {
            sorted[count] = sorted[count - 1];
        }
        sorted[count] = item;
    }

    function _insert(Owing[] memory sorted, uint256 count, Owing memory item) private pure {
        for (; count != 0 && item.value > sorted[count - 1].value; --count) {
            sorted[count] = sorted[count - 1];
        }
        sorted[count] = item;
    }

    function _goesBefore(Holding memory a, Holding memory b) private pure returns (bool) {
        return a.threshold != b.threshold ? a.threshold < b.threshold : a.value > b.value;
    }

    function _count(uint256 bits) private pure returns (uint256 count) {
        for (; bits != 0; bits &= bits - 1) {
            ++count;
        }
    }
}
